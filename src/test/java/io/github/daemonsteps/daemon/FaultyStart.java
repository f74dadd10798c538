package io.github.daemonsteps.daemon;

import io.github.daemonsteps.StepName;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.Faults;
import io.github.daemonsteps.posix.Faults.Effect;
import io.github.daemonsteps.posix.NativePosix;
import io.github.daemonsteps.posix.ProcessStat;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.testing.Belongings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One start with one fault, and what is to be said of it: it has failed and says of what, or it has succeeded and there is a
 * complete daemon; and in both cases nothing is left in the end.
 */
final class FaultyStart {

    /** No more than a guard against hanging. */
    private static final Duration DEADLINE = Duration.ofSeconds(5);

    /** What the launcher calls to remove a pid file. */
    private static final Set<String> REMOVING = Set.of("lstat", "open", "fstat", "flock", "unlink");

    private final StartWithFaults start;
    private final Faults.Call target;
    private final Effect effect;
    private final List<String> wrong = new ArrayList<>();
    private List<String> childrenBefore = List.of();
    private Set<Integer> processesBefore = Set.of();
    private boolean isHit;
    private @Nullable StartResult result;

    FaultyStart(StartWithFaults start, Faults.Call target, Effect effect) {
        this.start = start;
        this.target = target;
        this.effect = effect;
    }

    /** Whether it has succeeded all the same. */
    boolean hasStarted() {
        return result instanceof StartResult.Started;
    }

    /** What is wrong with what came of it; empty if nothing is. */
    List<String> run(@Nullable StepName step) throws Exception {
        Belongings before = Belongings.now();
        childrenBefore = children();
        processesBefore = processes();
        var faults = new Faults(new Faults.Script() {
            @Override
            public Effect effect(Faults.Call call) {
                if (isHit || !call.isSame(target)) {
                    return new Effect.Made();
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
        faults.violations().forEach(call -> wrong.add("would have hit somebody else: " + call));
        if (result instanceof StartResult.Started started) {
            checkComplete(started);
            StopResult stopped = start.daemon().stop();
            if (!(stopped instanceof StopResult.Stopped(String _, int pid, boolean forced, boolean _))
                    || pid != started.pid() || forced) {
                wrong.add("stop: " + stopped);
            }
            Files.deleteIfExists(start.log());
        } else if (result != null) {
            checkFailure(result, step);
        }
        checkNothingIsLeft(faults, before);
        return wrong.isEmpty()
                ? List.of()
                : List.of(this + ": " + String.join("; ", wrong) + " [" + result + "]");
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
        Errno errno = LikelyFaults.errno(effect);
        boolean isEndOfProcess = Errno.EPIPE.equals(errno) || Errno.ECONNRESET.equals(errno);
        boolean endedItself =
                start.kind() == StartWithFaults.Kind.ENDING && failed.reason().startsWith("it ended");
        if (!endedItself) {
            if (step != null) {
                // The leader closes its descriptors on the way.
                boolean isNamed = failed.reason().startsWith(step + ": ")
                        || (step == StepName.FORK_AGAIN && failed.reason().startsWith(StepName.CLOSE + ": "));
                require(isNamed, "does not name the step " + step);
            }
            boolean saysSo = isEndOfProcess && failed.reason().contains(": the forked process ");
            if (errno != null && !saysSo) {
                require(failed.reason().contains(target.function() + "("), "does not name the call");
                require(failed.reason().contains("(" + errno.name() + ", "), "does not name the errno");
                require(errno.equals(failed.errno()), "has another errno");
            }
        }
        int status = failed.programMissing() ? 5 : Answer.failure(failed.errno());
        require(failed.exitStatus() == status, "has the exit status " + failed.exitStatus());
    }

    private void checkComplete(StartResult.Started started) throws Exception {
        int pid = started.pid();
        ProcessStat stat = ProcessStat.of(pid).orElse(null);
        if (stat == null || stat.hasEnded()) {
            wrong.add("the daemon is dead");
            return;
        }
        require(stat.hasExecuted(), "the daemon is no program");
        require(stat.sid() != pid && stat.ppid() != stat.sid(),
                "the daemon is no orphan, or leads a session");
        require(stat.terminal() == 0, "the daemon has a terminal");
        require(Processes.hasEnded(stat.sid()), "the leader is still there");
        if (!Files.exists(start.pidFile())) {
            wrong.add("there is no pid file");
            return;
        }
        String text = Files.readString(start.pidFile(), StandardCharsets.ISO_8859_1);
        require(text.equals(pid + "\n"), "the pid file says " + text.strip());
        require(new PidFile(CString.of(start.pidFile())).holding(pid, NativePosix.get())
                == LockTable.Holding.YES,
                "the daemon does not hold the lock");
    }

    private void checkNothingIsLeft(Faults faults, Belongings before) throws IOException {
        for (int pid : faults.forked()) {
            if (pid > 1 && !hasEndedInTime(pid)) {
                wrong.add("process " + pid + " is left");
                Processes.kill(pid);
            }
        }
        for (int pid : unknown(processesBefore)) {
            if (!hasEndedInTime(pid)) { // it may have been sent a SIGKILL with its group, and be about to end
                wrong.add("process " + pid + " is left, and nobody knows it");
                Processes.kill(pid);
            }
        }
        require(children().equals(childrenBefore), "nobody has reaped " + children());
        Belongings after = Belongings.nowOrSoon(before, DEADLINE);
        require(after.isNoMoreThan(before), before + " have become " + after);
        try (Stream<Path> files = Files.list(start.directory())) {
            for (Path file : files.toList()) {
                boolean isWritten = file.equals(start.log()) && Files.size(file) > 0; // by a program: that stays
                if (!isWritten && !(file.equals(start.pidFile()) && cannotBeRemoved())) {
                    wrong.add("left " + file.getFileName());
                }
                Files.delete(file);
            }
        }
    }

    /** If the removal of the pid file is what fails there is a dead one, which the next start takes. */
    private boolean cannotBeRemoved() {
        return start.kind() == StartWithFaults.Kind.ENDING && target.where() == Faults.Where.LAUNCHER
                && REMOVING.contains(target.function()) && result instanceof StartResult.Failed failed
                && failed.reason().startsWith("it ended");
    }

    /** Nothing announces the end of a process that is no child; it comes soon, or not at all. */
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

    /** Forks of this JVM that have become no program have its command line; programs have the mark. */
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

    /** The children of this JVM, those that nobody has reaped too. */
    private static List<String> children() throws IOException {
        List<String> children = new ArrayList<>();
        try (var threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path thread : threads) {
                String pids = read(thread.resolve("children")).strip();
                if (!pids.isEmpty()) {
                    children.add(pids);
                }
            }
        }
        return children;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
    }

    @Override
    public String toString() {
        return start.kind() + " " + target.where() + " " + target.function() + " #" + target.ordinal() + " "
                + target.text() + " " + effect;
    }
}
