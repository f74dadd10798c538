package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.relay.Faults;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.testing.Holdings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A start from this JVM, to one of whose forked processes something happens at a boundary. */
final class SweptProcess {

    /** To whom. */
    enum Whom {
        /** The process that takes the steps and becomes the daemon. */
        CHILD,
        /** Its parent once it has forked, which stays until the daemon is ready. */
        LEADER
    }

    private final SweptStart start;
    private final Faults faults;
    private final Boundaries boundaries;
    /** Whether the launcher has seen the daemon run as long as it is to run. */
    private boolean isReady;
    private boolean hasExecuted;
    private boolean isHit;
    private boolean isHitReady;
    private @Nullable StartResult result;

    /** What happens. */
    interface Deed {
        void to(int pid);
    }

    /** It happens to whom there is of these at that boundary. */
    SweptProcess(SweptStart start, int boundary, Whom whom, Deed deed) {
        this.start = start;
        this.boundaries = new Boundaries((number, _, function) -> {
            isReady |= hasExecuted && function.equals("behind poll");
            if (number == boundary) {
                victims(whom).forEach(pid -> {
                    isHit = true;
                    isHitReady = isReady && whom == Whom.CHILD;
                    deed.to(pid);
                });
            }
        });
        this.faults = new Faults(boundaries);
    }

    private List<Integer> victims(Whom whom) {
        List<Integer> forked = List.copyOf(faults.forked());
        int there = whom == Whom.CHILD ? 1 : 2;
        return forked.size() < there
                ? List.of()
                : Stream.of(whom == Whom.CHILD ? forked.getLast() : forked.getFirst())
                        .filter(pid -> !Processes.hasEnded(pid)).toList();
    }

    /** How many boundaries it had. */
    int boundaries() {
        return boundaries.count();
    }

    /** What has come of it. */
    StartResult result() {
        if (result == null) {
            throw new IllegalStateException("it has not run");
        }
        return result;
    }

    /** Whether there was anybody at that boundary. */
    boolean isHit() {
        return isHit;
    }

    /** Whether it was the daemon, and that was ready already. */
    boolean isHitReady() {
        return isHitReady;
    }

    /**
     * Starts, and looks at what is left.
     *
     * @throws AssertionError if that is neither nothing nor a whole daemon, or not what the start says
     */
    Aftermath run() throws IOException {
        Holdings before = Holdings.of(own());
        try {
            result = start.start(faults, report -> hasExecuted |= report.step().equals(StepName.EXEC));
            require(result instanceof StartResult.Started || isEmptyOrMissing(start.log()),
                    "a log with lines is left");
            Aftermath aftermath = Aftermath.of(start, this::left, own());
            require(faults.violations().isEmpty(), "signals to strangers: " + faults.violations());
            Holdings after = Holdings.of(own());
            require(after.equals(before), before + " have become " + after);
            return aftermath;
        } finally {
            left().forEach(Processes::kill); // where something has gone wrong
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

    /** What has been forked and lives, also those of which nobody knows: until they execute they have our command line. */
    private List<Integer> left() throws IOException {
        List<Integer> left = new ArrayList<>(faults.forked());
        String own = commandLine(Path.of("/proc/self"));
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                int pid = Integer.parseInt(process.getFileName().toString());
                if (pid != own() && !left.contains(pid)
                        && commandLine(process).equals(own)) {
                    left.add(pid);
                }
            }
        }
        left.removeIf(Processes::hasEnded);
        return left;
    }

    private static String commandLine(Path process) {
        try {
            return Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
    }
}
