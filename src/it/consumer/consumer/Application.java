package consumer;

import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.steps.StepReport;
import io.github.daemonsteps.steps.StreamTarget;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * An application that makes a daemon of a program from its own main: {@code Application LOG PROGRAM
 * [ARGUMENT...]}.
 */
public final class Application {

    private Application() {
    }

    /** Prints a line for each step, and the daemon's pid. */
    public static void main(String[] args) {
        String[] arguments = Arrays.copyOfRange(args, 2, args.length);
        var steps =
                DaemonSteps.classic().umask(FileMode.of(027))
                        .redirectOutput(StreamTarget.log(Path.of(args[0])));
        int pid;
        try (DaemonRun run = steps.start()) {
            for (StepReport report : run) {
                print(report);
            }
            print(run.execve(Program.of(args[1], arguments)));
            pid = run.process().pid();
        }
        // The run is closed, and the daemon goes on.
        ProcessState daemon = ProcessState.of(pid);
        Check.that("/".equals(daemon.cwd()), "it is in /");
        Check.that(FileMode.of(027).equals(daemon.umask()), "its umask is 027");
        Check.that(!daemon.isSessionLeader() && daemon.tty() == null,
                "it leads no session and has no terminal");
        System.out.println("pid: " + pid);
    }

    private static void print(StepReport report) {
        Check.that(!report.failed(), report.step() + ": " + report.outcome());
        System.out.println(report.step() + ": " + report.calls().size() + " calls");
    }
}
