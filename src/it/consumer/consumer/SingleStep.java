package consumer;

import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.steps.ChangeDirectory;
import io.github.daemonsteps.steps.StartSession;
import io.github.daemonsteps.steps.StepOutcome;
import java.nio.file.Path;

/** Steps alone, each on a forked process, and calls without any step. */
public final class SingleStep {

    private SingleStep() {
    }

    /** Prints a line for each. */
    public static void main(String[] args) {
        try (ForkedProcess process = ForkedProcess.fork()) {
            System.out.println("first setsid: " + kind(new StartSession().run(process).outcome()));
            Check.that(process.getsid(0) == process.pid(), "the process says so itself");
            System.out.println("second setsid: " + new StartSession().run(process).outcome().toString()
                    .replace(Integer.toString(process.pid()), "PID"));
            System.out.println(new ChangeDirectory(Path.of("/nope")).run(process).outcome());
            try {
                process.chdir("/nope");
                throw new IllegalStateException("there is no /nope");
            } catch (PosixException failed) {
                Check.that(failed.errno().equals(Errno.ENOENT), "the call alone fails likewise");
                System.out.println(failed.getMessage());
            }
        }
    }

    private static String kind(StepOutcome outcome) {
        return outcome instanceof StepOutcome.Done ? "done" : outcome.toString();
    }
}
