package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.testkit.Faults;
import io.github.daemonsteps.testkit.ResourceSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A start from this JVM that disturbs one of its forked processes at a boundary, for example by a signal. */
final class DisturbedStart {

    /** The forked process that is disturbed. */
    enum Victim {
        /** The process that takes the steps and becomes the daemon. */
        CHILD,
        /** The session leader: the parent of the daemon, which waits until the daemon is ready. */
        LEADER
    }

    private final StartWithFaults start;
    private final Faults faults;
    private final Boundaries boundaries;
    /** Whether the launcher has seen that the daemon is ready. */
    private boolean isReady;
    private boolean hasExecuted;
    private boolean isHit;
    private boolean isHitReady;
    private @Nullable StartResult result;

    /** The disturbance of the victim. */
    interface Disturbance {
        void apply(int pid);
    }

    /** Applies the disturbance to the victim at this boundary, if the victim runs there. */
    DisturbedStart(StartWithFaults start, int boundary, Victim victim, Disturbance disturbance) {
        this.start = start;
        this.boundaries = new Boundaries((number, _, function) -> {
            isReady |= hasExecuted && function.equals("after poll");
            if (number == boundary) {
                victims(victim).forEach(pid -> {
                    isHit = true;
                    isHitReady = isReady && victim == Victim.CHILD;
                    disturbance.apply(pid);
                });
            }
        });
        this.faults = new Faults(boundaries);
    }

    private List<Integer> victims(Victim victim) {
        List<Integer> forked = List.copyOf(faults.forked());
        int there = victim == Victim.CHILD ? 1 : 2;
        return forked.size() < there
                ? List.of()
                : Stream.of(victim == Victim.CHILD ? forked.getLast() : forked.getFirst())
                        .filter(pid -> !Processes.hasEnded(pid)).toList();
    }

    /** Returns the number of boundaries. */
    int boundaries() {
        return boundaries.count();
    }

    /** Returns the result of the start. */
    StartResult result() {
        if (result == null) {
            throw new IllegalStateException("the start has not run");
        }
        return result;
    }

    /** Returns whether the victim ran at the boundary. */
    boolean isHit() {
        return isHit;
    }

    /** Returns whether the victim was a daemon that was already ready. */
    boolean isHitReady() {
        return isHitReady;
    }

    /**
     * Starts the daemon and returns what is left.
     *
     * @throws AssertionError if that is something between, or the launcher has leaked
     */
    Aftermath run() throws IOException {
        ResourceSnapshot before = ResourceSnapshot.ofThisJvm();
        try {
            result = start.start(faults, report -> hasExecuted |= report.step().equals(StepName.EXEC));
            require(result instanceof StartResult.Started || isEmptyOrMissing(start.log()),
                    "a log with lines is left");
            Aftermath aftermath = Aftermath.of(start, this::left, own());
            require(faults.violations().isEmpty(), "signals to strangers: " + faults.violations());
            ResourceSnapshot after = ResourceSnapshot.ofThisJvm();
            require(after.equals(before), before + " have become " + after);
            return aftermath;
        } finally {
            left().forEach(Processes::kill); // after a failure
        }
    }

    private static boolean isEmptyOrMissing(Path log) throws IOException {
        return !Files.exists(log) || Files.size(log) == 0;
    }

    private static int own() {
        return (int) ProcessHandle.current().pid();
    }

    private static void require(boolean fact, String what) {
        if (!fact) {
            throw new AssertionError(what);
        }
    }

    /** Finds the forked processes that run, also those that the launcher does not know. */
    private List<Integer> left() throws IOException {
        Set<Integer> left = new LinkedHashSet<>(faults.forked());
        left.addAll(Processes.forksOfThisJvm());
        left.removeIf(Processes::hasEnded);
        return List.copyOf(left);
    }
}
