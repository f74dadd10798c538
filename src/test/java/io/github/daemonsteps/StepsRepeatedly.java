package io.github.daemonsteps;

import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import io.github.daemonsteps.steps.StepReport;
import io.github.daemonsteps.testing.Belongings;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A launcher for {@link CollectorsIT}: takes the seven steps again and again while other threads allocate,
 * and compares each report with the expected one. Prints a line after ten runs, one for each run that went
 * wrong, and the figures at the end. Then waits to be killed.
 */
final class StepsRepeatedly {

    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final int MOST_WRONG = 10;
    private static final int RUNS_TO_A_LINE = 10;

    private static final List<StepName> SEVEN = List.of(StepName.FORK, StepName.SETSID, StepName.FORK_AGAIN,
            StepName.CHDIR, StepName.UMASK, StepName.CLOSE, StepName.REOPEN);

    private final List<String> wrong = new ArrayList<>();

    private StepsRepeatedly() {
    }

    public static void main(String[] args) throws Exception {
        int runs = Integer.parseInt(args[0]);
        int allocatingThreads = Integer.parseInt(args[1]);
        for (int i = 0; i < allocatingThreads; i++) {
            Thread.ofPlatform().daemon().name("allocating " + i).start(StepsRepeatedly::allocate);
        }
        new StepsRepeatedly().repeat(runs);
        System.in.read();
    }

    private void repeat(int runs) throws IOException {
        run();
        Belongings first = Belongings.now();
        long[] nanos = new long[runs];
        for (int i = 0; i < runs && wrong.size() < MOST_WRONG; i++) {
            long start = System.nanoTime();
            List<StepReport> reports = run();
            nanos[i] = System.nanoTime() - start;
            check(reports);
            if ((i + 1) % RUNS_TO_A_LINE == 0) {
                System.out.println("done " + (i + 1));
            }
        }
        Belongings last = Belongings.nowOrSoon(first, DEADLINE);
        if (!last.isNoMoreThan(first)) {
            System.out.println("wrong: " + last.since(first));
        }
        Arrays.sort(nanos);
        Runtime runtime = Runtime.getRuntime();
        System.out.printf(Locale.ROOT,
                "figures: %,d runs, %d wrong, median %,d us, 99 of 100 within %,d us, heap used %d MiB%n",
                runs,
                wrong.size(), nanos[runs / 2] / 1000, nanos[runs - 1 - runs / 100] / 1000,
                (runtime.totalMemory() - runtime.freeMemory()) >> 20);
    }

    private static List<StepReport> run() {
        try (DaemonRun run = DaemonSteps.classic().callTimeout(DEADLINE).start()) {
            return run.runRemaining();
        }
    }

    private void check(List<StepReport> reports) {
        try {
            checkSteps(reports);
        } catch (AssertionError failed) {
            wrong.add(failed.getMessage());
            System.out.println("wrong: " + failed.getMessage() + ", after " + reports);
        }
    }

    private static void checkSteps(List<StepReport> reports) {
        Map<StepName, ProcessState> after = new HashMap<>();
        for (StepReport report : reports) {
            require(report.outcome() instanceof StepOutcome.Done, report.step() + ": " + report.outcome());
            after.put(report.step(), report.after());
        }
        require(reports.stream().map(StepReport::step).toList().equals(SEVEN), "the steps are others");
        ProcessState launcher = reports.getFirst().before();
        checkForks(launcher, after.get(StepName.FORK), after.get(StepName.SETSID),
                after.get(StepName.FORK_AGAIN));
        require("/".equals(after.get(StepName.CHDIR).cwd()), "CHDIR: not in /");
        require(FileMode.of(0).equals(after.get(StepName.UMASK).umask()), "UMASK: not 0");
        checkDescriptors(reports);
        ProcessState end = after.get(StepName.REOPEN);
        ProcessState daemon = after.get(StepName.FORK_AGAIN);
        require(end.pid() == daemon.pid() && Objects.equals(end.sid(), daemon.sid())
                && Objects.equals(end.ppid(), daemon.ppid())
                && "/".equals(end.cwd()) && FileMode.of(0).equals(end.umask()),
                "a later step has undone an earlier one");
        for (ProcessState state : after.values()) {
            require(Processes.hasEnded(state.pid()), "process " + state.pid() + " goes on");
        }
    }

    private static void checkForks(ProcessState launcher, ProcessState child, ProcessState leader,
            ProcessState daemon) {
        require(launcher.pid() == ProcessHandle.current().pid(), "FORK: not from here");
        require(child.ppid() == launcher.pid() && child.pid() != launcher.pid(), "FORK: no child");
        require(Objects.equals(child.pgid(), launcher.pgid()) && Objects.equals(child.sid(), launcher.sid()),
                "FORK: another group");
        require(leader.pid() == child.pid(), "SETSID: another process");
        require(leader.sid() == leader.pid() && leader.pgid() == leader.pid(), "SETSID: leads nothing");
        require(leader.terminal() == 0, "SETSID: has a terminal");
        require(daemon.pid() != leader.pid() && daemon.ppid() != leader.pid(),
                "FORK_AGAIN: the same process");
        require(daemon.sid() == leader.pid() && daemon.pgid() == leader.pid(), "FORK_AGAIN: another session");
    }

    private static void checkDescriptors(List<StepReport> reports) {
        var closed = reports.get(SEVEN.indexOf(StepName.CLOSE)).after().fds();
        require(closed != null && closed.size() == 1 && closed.firstKey() > 2, "CLOSE: open are " + closed);
        var opened = reports.getLast().after().fds();
        require(opened != null
                && opened.keySet().equals(Set.of(0, 1, 2, closed.firstKey()))
                && opened.headMap(3).values().stream().allMatch("/dev/null"::equals)
                && opened.get(closed.firstKey()).equals(closed.get(closed.firstKey())),
                "REOPEN: open are " + opened);
    }

    private static void require(boolean fact, String what) {
        if (!fact) {
            throw new AssertionError(what);
        }
    }

    /** Keeps some megabytes alive and drops the rest, as work for any collector. */
    private static void allocate() {
        byte[][] kept = new byte[4096][];
        for (int i = 0;; i = (i + 1) % kept.length) {
            kept[i] = new byte[1024 + i % 1024];
        }
    }
}
