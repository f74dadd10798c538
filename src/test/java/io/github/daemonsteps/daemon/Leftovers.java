package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.procfs.ProcessStat;
import io.github.daemonsteps.testing.Belongings;
import io.github.daemonsteps.testkit.Faults;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** The resources before a start in this JVM. After the start they must be the same. */
final class Leftovers {

    /** A guard against hanging. */
    private static final Duration DEADLINE = Duration.ofSeconds(5);

    private final StartWithFaults start;
    private final Belongings before = Belongings.now();
    private final Set<Integer> childrenBefore = children();
    private final Set<Integer> processesBefore = processes();
    private boolean hasOnlyLostDescriptors;

    /** Takes the resources of this moment. */
    Leftovers(StartWithFaults start) throws IOException {
        this.start = start;
    }

    private static void require(List<String> wrong, boolean fact, String what) {
        if (!fact) {
            wrong.add(what);
        }
    }

    /** Checks a daemon as {@link #checkComplete} does, and stops it. */
    static List<String> checkCompleteAndStop(StartWithFaults start, int pid) throws Exception {
        List<String> wrong = checkComplete(start, pid);
        StopResult stopped = start.daemon().stop();
        require(wrong,
                stopped.equals(new StopResult.Stopped("d", pid, false, 0, false, null, List.of())),
                "stop: " + stopped);
        Files.deleteIfExists(start.log());
        return wrong;
    }

    /** Returns the flaws of a daemon and of its pid file. */
    static List<String> checkComplete(StartWithFaults start, int pid) throws Exception {
        List<String> wrong = new ArrayList<>();
        ProcessStat stat = ProcessStat.of(pid).orElse(null);
        if (stat == null || stat.hasEnded()) {
            return List.of("the daemon is dead");
        }
        require(wrong, stat.hasExecuted(), "the daemon has not executed its program");
        require(wrong, stat.sid() != pid && stat.ppid() != stat.sid(),
                "the daemon is not an orphan, or is a session leader");
        require(wrong, stat.terminal() == 0, "the daemon has a terminal");
        require(wrong, Processes.hasEnded(stat.sid()), "the leader is still there");
        if (!Files.exists(start.pidFile())) {
            wrong.add("the pid file is missing");
            return wrong;
        }
        try {
            String text = Files.readString(start.pidFile(), StandardCharsets.ISO_8859_1);
            require(wrong, text.equals(pid + "\n"), "the pid file says " + text.strip());
            require(wrong, PidFiles.isHeldBy(pid, start.pidFile()),
                    "the daemon does not hold the lock");
        } catch (NoSuchFileException | PosixException e) {
            wrong.add("the pid file is about to go: " + e.getMessage());
        }
        return wrong;
    }

    /** Returns whether a descriptor of this JVM that was open before is closed, and no other was opened. */
    boolean hasOnlyLostDescriptors() {
        return hasOnlyLostDescriptors;
    }

    /** Returns what is left. */
    List<String> check(Faults faults, boolean pidFileMayStay) throws IOException {
        List<String> wrong = new ArrayList<>();
        for (int pid : faults.forked()) {
            if (pid > 1 && !hasEndedInTime(pid)) {
                wrong.add("process " + pid + " is left");
                Processes.kill(pid);
            }
        }
        for (int pid : unknown(processesBefore)) {
            if (!hasEndedInTime(pid)) { // SIGKILL to its group may have been sent, and its end be near
                wrong.add("process " + pid + " is left, unknown to the launcher");
                Processes.kill(pid);
            }
        }
        require(wrong, children().equals(childrenBefore), "not reaped: " + children());
        Belongings after = Belongings.nowOrSoon(before, DEADLINE);
        require(wrong, after.isNoMoreThan(before), after.since(before));
        hasOnlyLostDescriptors = after.hasOnlyLostSince(before);
        try (Stream<Path> files = Files.list(start.directory())) {
            for (Path file : files.toList()) {
                boolean isLog =
                        file.equals(start.log()) && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
                boolean isPidFile =
                        file.equals(start.pidFile()) || file.equals(PidFiles.record(start.pidFile()));
                if (!isLog && !(isPidFile && pidFileMayStay)) {
                    wrong.add("left " + file.getFileName());
                }
                Files.delete(file);
            }
        }
        return wrong;
    }

    /** Only a parent is notified of an exit. The exit comes soon, or not at all. */
    private static boolean hasEndedInTime(int pid) {
        long until = System.nanoTime() + DEADLINE.toNanos();
        while (!Processes.hasEnded(pid)) {
            if (System.nanoTime() - until > 0) {
                return false;
            }
            LockSupport.parkNanos(200_000);
        }
        return true;
    }

    /** Forks of this JVM before exec have its command line; programs have the mark. */
    private List<Integer> unknown(Set<Integer> known) throws IOException {
        String own = read(Path.of("/proc/self/cmdline"));
        List<Integer> found = new ArrayList<>();
        for (int pid : processes()) {
            Path process = Path.of("/proc", Integer.toString(pid));
            boolean isOurs = !known.contains(pid) && (read(process.resolve("cmdline")).equals(own)
                    || read(process.resolve("environ"))
                            .contains(StartWithFaults.MARK + "=" + start.directory()));
            if (isOurs && !Processes.hasEnded(pid)) {
                found.add(pid);
            }
        }
        return found;
    }

    private static Set<Integer> processes() throws IOException {
        Set<Integer> pids = new HashSet<>();
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            processes.forEach(process -> pids.add(Integer.valueOf(process.getFileName().toString())));
        }
        return pids;
    }

    private static Set<Integer> children() throws IOException {
        return Processes.children((int) ProcessHandle.current().pid());
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
