package consumer;

import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import io.github.daemonsteps.steps.StepReport;

/** Takes one step at a time, as a test would, and looks at the process after each. */
public final class StepByStep {

    private StepByStep() {
    }

    /** Prints a line for each step. */
    public static void main(String[] args) {
        int pid;
        try (var run = DaemonSteps.classic().without(StepName.UMASK).start()) {
            for (StepReport report : run) {
                ProcessState now = ProcessState.of(run.process().pid()); // it waits for as long as this takes
                look(report.step(), report.before(), now);
                String line = switch (report.outcome()) {
                    case StepOutcome.Done done -> "done";
                    case StepOutcome.Skipped skipped -> "skipped, " + skipped.why();
                    case StepOutcome.Failed failed -> "failed, " + failed;
                };
                System.out.println(report.step() + ": " + line);
            }
            pid = run.process().pid();
            Check.that(run.process().isAlive(), "it waits after the last step too");
        }
        // ProcessHandle would say that a process whose parent has not reaped it yet is alive.
        Check.that(ProcessState.hasEnded(pid), "nothing goes on of a run that is closed before execve");
    }

    private static void look(StepName step, ProcessState before, ProcessState now) {
        switch (step.name()) {
            case "FORK" ->
                Check.that(now.ppid() == before.pid() && !now.isGroupLeader(), "a child, and no leader");
            case "SETSID" -> Check.that(now.isSessionLeader() && now.isGroupLeader(), "leader of both");
            case "FORK_AGAIN" -> Check.that(now.sid() == before.pid() && !now.isSessionLeader(),
                    "in the session, not its leader");
            case "CHDIR" -> Check.that("/".equals(now.cwd()), "in /");
            case "UMASK" ->
                Check.that(before.umask() != null && before.umask().equals(now.umask()), "as it was");
            case "CLOSE" ->
                Check.that(now.fds() != null && now.fds().size() == 1, "one descriptor leads it");
            case "REOPEN" ->
                Check.that(now.fds() != null && now.fds().size() == 4 && "/dev/null".equals(now.fds().get(0)),
                        "0, 1, 2 and the one that leads it");
            default -> throw new IllegalStateException("not a classic step: " + step);
        }
    }
}
