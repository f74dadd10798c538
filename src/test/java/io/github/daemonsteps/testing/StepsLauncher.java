package io.github.daemonsteps.testing;

import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.steps.ChangeDirectory;
import io.github.daemonsteps.steps.StartSession;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import io.github.daemonsteps.steps.StepReport;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;

/**
 * A launcher in other surroundings than the JVM of the tests: with a controlling terminal, as another user,
 * under another limit. It takes steps and prints a line for each; {@link LaunchedSteps} starts it.
 */
public final class StepsLauncher {

    /** The descriptor of the lines. */
    static final int REPORT = Integer.getInteger("report", 1);

    private StepsLauncher() {
    }

    public static void main(String[] args) throws Exception {
        for (int i = 0; i < Integer.getInteger("descriptors", 0); i++) {
            NativePosix.get().open(CString.of("/dev/null"), Set.of(OpenFlag.O_RDWR), FileMode.of(0));
        }
        switch (args[0]) {
            case "classic" -> take(DaemonSteps.classic(), args);
            case "nohup" -> take(DaemonSteps.nohup(), args);
            case "fork" -> take(DaemonSteps.nohup().without(StepName.IGNORE_HANGUP), args);
            case "chdir" -> take(DaemonSteps.of(new ChangeDirectory(Path.of(args[1]))), "chdir");
            case "open-terminal" -> openTerminal();
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    /**
     * Arguments: the recipe; for a program also {@code wait} or {@code exit}, which says what follows, and
     * the program.
     */
    private static void take(DaemonSteps steps, String... args) throws Exception {
        try (var run = steps.start()) {
            for (StepReport report : run) {
                say("report", report);
                if (report.step().equals(StepName.FORK)) {
                    say("control " + run.process().controlFd());
                    say("ignored " + report.after().ignored());
                }
            }
            if (args.length > 1) {
                int pid = run.process().pid();
                say("report",
                        run.execve(Program.of(args[2], Arrays.copyOfRange(args, 3, args.length))));
                say("program " + pid);
            }
        }
        say("end");
        if (args.length > 1 && args[1].equals("wait")) {
            System.in.readAllBytes();
        }
    }

    private static void openTerminal() {
        try (var process = ForkedProcess.fork()) {
            say(open(process));
            say("report", new StartSession().run(process));
            say(open(process));
        }
    }

    private static String open(ForkedProcess process) {
        try {
            process.close(process.open("/dev/tty", OpenFlag.O_RDWR));
            return "opened";
        } catch (PosixException failed) {
            return failed.getMessage();
        }
    }

    private static void say(String word, StepReport report) {
        String how = switch (report.outcome()) {
            case StepOutcome.Done(String note) -> "Done: " + note;
            case StepOutcome.Skipped(String why) -> "Skipped: " + why;
            case StepOutcome.Failed failed -> "Failed: " + failed;
        };
        say(word + " " + report.step() + " " + how);
        if (report.step().equals(StepName.CLOSE)) {
            for (PosixCall call : report.calls()) {
                say("call " + call);
            }
        }
    }

    private static void say(String line) {
        NativePosix.get().write(REPORT, (line + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
