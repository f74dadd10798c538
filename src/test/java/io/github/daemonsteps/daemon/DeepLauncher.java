package io.github.daemonsteps.daemon;

import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.testkit.ResourceSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Starts daemons, or forks, at each depth near the end of its stack, and checks each time what is left:
 * {@code DeepLauncher DIRECTORY WORK DEPTHS}. Prints each finding, and at the end how often the work was
 * done and how often the stack was too short.
 */
final class DeepLauncher {

    /** The minimum of the JVM. */
    private static final long STACK = 256 << 10;

    /** The beginning of the line that is printed at each depth, as a sign of progress. */
    static final String REACHED = "at ";

    private final Path directory;
    private final Daemon daemon;
    private final boolean starts;
    private final Program program = Program.of("/bin/sleep", "300");
    private final Readiness readiness = new Readiness.AliveAfter(Duration.ofNanos(1));
    private int reached;
    private int done;
    private int tooDeep;

    private DeepLauncher(Path directory, boolean starts) {
        this.directory = directory;
        this.starts = starts;
        this.daemon = Daemon.named("d").pidFile(directory.resolve("d.pid")).log(directory.resolve("d.log"));
    }

    private interface Work {
        void run();
    }

    public static void main(String[] args) throws Exception {
        var launcher = new DeepLauncher(Path.of(args[0]), args[1].equals("start"));
        Work work = switch (args[1]) {
            case "start" -> launcher::start;
            case "fork" -> DeepLauncher::fork;
            case "steps" -> DeepLauncher::takeSteps;
            default -> throw new IllegalArgumentException(args[1]);
        };
        work.run(); // what is created once stays
        launcher.daemon.stop();
        var thread =
                new Thread(null, () -> launcher.everywhere(work, Integer.parseInt(args[2])), "deep", STACK);
        thread.start();
        thread.join();
        System.out.println("done " + launcher.done + ", too deep " + launcher.tooDeep);
    }

    private void start() {
        StartResult result = daemon.start(program, readiness);
        if (!(result instanceof StartResult.Started)) {
            System.out.println(result.message());
        }
    }

    private static void fork() {
        try (var process = ForkedProcess.fork()) {
            process.chdir("/");
            process.getpid();
        }
    }

    private static void takeSteps() {
        try (var run = DaemonSteps.classic().start()) {
            run.runRemaining();
        }
    }

    private void everywhere(Work work, int depths) {
        try {
            int deepest = deepest();
            ResourceSnapshot before = ResourceSnapshot.ofThisJvm();
            for (int at = deepest - depths; at <= deepest; at++) {
                System.out.println(REACHED + at);
                boolean isDone = true;
                try {
                    runAt(at, work);
                } catch (StackOverflowError end) {
                    isDone = false;
                }
                done += isDone ? 1 : 0;
                tooDeep += isDone ? 0 : 1;
                boolean hasRun = daemon.stop() instanceof StopResult.Stopped;
                if (hasRun != (isDone && starts)) {
                    System.out
                            .println("depth " + at + ": a daemon that its starter does not know of, or none");
                }
                ResourceSnapshot after = ResourceSnapshot.ofThisJvm();
                if (!after.equals(before)) {
                    System.out.println("depth " + at + ": " + before + " became " + after);
                    before = after;
                }
                if (Files.exists(directory.resolve("d.pid"))) {
                    System.out.println("depth " + at + ": a pid file is left");
                    Files.delete(directory.resolve("d.pid"));
                }
            }
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private int deepest() {
        reached = 0;
        try {
            runAt(Integer.MAX_VALUE, () -> {
            });
        } catch (StackOverflowError end) {
            // the end of the stack
        }
        return reached;
    }

    private void runAt(int depth, Work work) {
        reached++;
        if (depth == 0) {
            work.run();
        } else {
            runAt(depth - 1, work);
        }
    }
}
