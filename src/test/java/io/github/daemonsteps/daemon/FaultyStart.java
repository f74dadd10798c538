package io.github.daemonsteps.daemon;

import io.github.daemonsteps.daemon.start.AcquirePidFile;
import io.github.daemonsteps.daemon.start.VerifyLogs;
import io.github.daemonsteps.posix.CallInterceptor.Effect;
import io.github.daemonsteps.posix.CallInterceptor.Place;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.testkit.Faults;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A start with one fault. It must fail and name the call, or succeed with a proper daemon. In both cases
 * nothing may be left in the end.
 */
final class FaultyStart {

    /** The calls of the launcher that remove a pid file. */
    private static final Set<String> REMOVING =
            Set.of("lstat", "getresuid", "open", "fstat", "read", "unlink");

    private final StartWithFaults start;
    private final Faults.Call target;
    private final Effect effect;
    private final List<String> wrong = new ArrayList<>();
    private boolean isHit;
    private boolean hasOnlyLostDescriptors;
    private @Nullable StartResult result;

    FaultyStart(StartWithFaults start, Faults.Call target, Effect effect) {
        this.start = start;
        this.target = target;
        this.effect = effect;
    }

    /** Returns whether the start has succeeded. */
    boolean hasStarted() {
        return result instanceof StartResult.Started;
    }

    /**
     * Returns whether the only finding is a descriptor of this JVM that was closed meanwhile: by the start,
     * or by another thread, such as one that reaps the process of an earlier test.
     */
    boolean hasOnlyLostDescriptors() {
        return hasOnlyLostDescriptors;
    }

    /** Runs the start and returns the findings. */
    List<String> run(@Nullable StepName step) throws Exception {
        var leftovers = new Leftovers(start);
        var faults = new Faults(new Faults.Script() {
            @Override
            public Effect effect(Faults.Call call) {
                if (isHit || !call.isSame(target)) {
                    return new Effect.Executed();
                }
                isHit = true;
                return effect;
            }
        });
        try {
            result = start.start(faults);
        } catch (RuntimeException | Error thrown) {
            wrong.add("threw " + thrown);
        }
        if (!isHit) {
            wrong.add("was not reached");
        }
        faults.violations().forEach(call -> wrong.add("signal to another process: " + call));
        if (result instanceof StartResult.Started started) {
            wrong.addAll(new CompleteDaemon(start, started.pid(), own()).flawsUntilStopped());
            Files.deleteIfExists(start.log());
            Files.deleteIfExists(start.socket()); // a stop leaves it to the next start
        } else if (result != null) {
            checkFailure(result, step);
        }
        boolean isRightSoFar = wrong.isEmpty();
        List<String> left = leftovers.check(faults, cannotBeRemoved());
        wrong.addAll(left);
        hasOnlyLostDescriptors = isRightSoFar && left.size() == 1 && leftovers.hasOnlyLostDescriptors();
        return wrong.isEmpty()
                ? List.of()
                : List.of(this + ": " + String.join("; ", wrong) + " [" + result + "]");
    }

    private static int own() {
        return (int) ProcessHandle.current().pid();
    }

    private static @Nullable Errno errno(Effect effect) {
        return switch (effect) {
            case Effect.Fails fails -> fails.errno();
            case Effect.ExecutedButFails fails -> fails.errno();
            case Effect.Returns _,Effect.ExecutedButReturns _,Effect.Executed _ -> null;
        };
    }

    private void require(boolean fact, String what) {
        if (!fact) {
            wrong.add(what);
        }
    }

    private void checkFailure(StartResult failure, @Nullable StepName step) {
        if (!(failure instanceof StartResult.Failed failed)) {
            wrong.add("neither");
            return;
        }
        Errno errno = errno(effect);
        boolean isEndOfProcess = Errno.EPIPE.equals(errno) || Errno.ECONNRESET.equals(errno);
        boolean endedItself =
                start.kind() == StartWithFaults.Kind.ENDING && failed.reason().startsWith("exited");
        if (!endedItself) {
            if (step != null && !namesTheFile(step, failed.reason())) {
                // The leader closes its descriptors during this step.
                boolean isNamed = failed.reason().startsWith(step + ": ")
                        || (step.equals(StepName.FORK_AGAIN)
                                && failed.reason().startsWith(StepName.CLOSE + ": "));
                require(isNamed, "does not name the step " + step);
            }
            boolean saysSo = isEndOfProcess && failed.reason().contains(": the forked process ");
            if (errno != null && !saysSo) {
                require(failed.reason().contains(target.function() + "("), "does not name the call");
                require(failed.reason().contains("(" + errno.name() + ", "), "does not name the errno");
                require(errno.equals(failed.errno()), "has another errno");
            }
        }
        int status = failed.programMissing() ? 5 : ExitStatus.ofFailure(failed.errno());
        require(ExitStatus.of(failed) == status, "has the exit status " + ExitStatus.of(failed));
    }

    /** Returns whether a reason names the file of its step. */
    private boolean namesTheFile(StepName step, String reason) {
        return (step.equals(AcquirePidFile.NAME) && reason.contains(start.pidFile().toString()))
                || (step.equals(VerifyLogs.NAME) && reason.contains(start.log().toString()));
    }

    /** Returns whether the removal of the pid file is what fails. The next start acquires such a file. */
    private boolean cannotBeRemoved() {
        return start.kind() == StartWithFaults.Kind.ENDING && target.place() == Place.LAUNCHER
                && REMOVING.contains(target.function()) && result instanceof StartResult.Failed failed
                && failed.reason().startsWith("exited");
    }

    @Override
    public String toString() {
        return start.kind() + " " + target.place() + " " + target.function() + " #" + target.ordinal() + " "
                + target.text() + " " + effect;
    }
}
