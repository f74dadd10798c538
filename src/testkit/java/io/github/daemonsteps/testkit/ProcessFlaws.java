package io.github.daemonsteps.testkit;

import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.posix.SignalSet;
import io.github.daemonsteps.process.ProcessState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The differences between a process and an expectation. Each method is named after a flaw. Its result is the
 * second half of a failure message: the fact, and what the fact means. The result is empty if the process
 * does not have the flaw.
 *
 * @param state the state of the process
 */
record ProcessFlaws(ProcessState state) {

    private static final SortedSet<Integer> STANDARD = new TreeSet<>(List.of(0, 1, 2));

    private static final Path NULL_DEVICE = Path.of("/dev/null");

    /** The mode that most programs pass to open(2) and creat(2). */
    private static final FileMode NEW_FILE = FileMode.of(0666);

    Optional<String> leadsSession() {
        Integer sid = state.sid();
        return sid == null
                ? unknown("its sid is")
                : flawIf(state.isSessionLeader(),
                        "its sid is " + sid + ": it could take a controlling terminal");
    }

    Optional<String> doesNotLeadSession() {
        Integer sid = state.sid();
        return sid == null
                ? unknown("its sid is")
                : flawIf(!state.isSessionLeader(),
                        "its sid is " + sid + ": process " + sid + " leads the session");
    }

    Optional<String> leadsGroup() {
        Integer pgid = state.pgid();
        return pgid == null
                ? unknown("its pgid is")
                : flawIf(state.isGroupLeader(), "its pgid is " + pgid + ": setsid(2) would fail in it");
    }

    Optional<String> doesNotLeadGroup() {
        Integer pgid = state.pgid();
        return pgid == null
                ? unknown("its pgid is")
                : flawIf(!state.isGroupLeader(),
                        "its pgid is " + pgid + ": process " + pgid + " leads the group");
    }

    /** The second fork stays in the group and session that setsid has created. */
    private Optional<String> leftGroupOfSession() {
        Integer pgid = state.pgid();
        Integer sid = state.sid();
        return pgid == null || sid == null
                ? Optional.empty()
                : sid == 0
                        ? Optional.of("its sid is 0: its session is outside of its PID namespace")
                        : flawIf(!pgid.equals(sid), "its pgid is " + pgid + " and its sid is " + sid
                                + ": it has left the group that setsid(2) created");
    }

    Optional<String> isInOtherSession(int session) {
        Integer sid = state.sid();
        return sid == null
                ? unknown("its sid is")
                : flawIf(sid != session,
                        "its sid is " + sid + ": two sessions never share a controlling terminal");
    }

    Optional<String> hasTerminal() {
        Integer terminal = state.terminal();
        return terminal == null
                ? unknown("its controlling terminal is")
                : flawIf(terminal != 0, "its controlling terminal is " + name(terminal)
                        + ": a hangup or Ctrl-C there could end it");
    }

    Optional<String> hasOtherTerminal(Path path) {
        Integer terminal = state.terminal();
        if (terminal == null) {
            return unknown("its controlling terminal is");
        }
        if (terminal == 0) {
            return Optional.of("it does not have one: only a session leader can take a controlling terminal");
        }
        return flawIf(!path.toString().equals(state.tty()), "its controlling terminal is " + name(terminal)
                + ": a hangup or Ctrl-C reaches it from there");
    }

    private String name(int terminal) {
        return state.tty() == null ? "device " + terminal : state.tty();
    }

    Optional<String> isNotOrphan() {
        Integer ppid = state.ppid();
        if (ppid == null) {
            return unknown("its parent is");
        }
        if (ppid == 0) {
            return Optional.of("its ppid is 0: its parent is outside of its PID namespace");
        }
        if (ppid == ProcessHandle.current().pid()) {
            return Optional
                    .of("its parent is " + ppid + ", this process: process 1 or a subreaper must adopt it");
        }
        Integer sid = state.sid();
        return sid == null
                ? unknown("its sid is")
                : flawIf(ppid.equals(sid), "its parent is " + ppid
                        + ", the leader of its session: the leader has not exited");
    }

    Optional<String> hasOtherDirectory(Path directory) {
        String cwd = state.cwd();
        return cwd == null
                ? hidden("its working directory is")
                : flawIf(!isAt(directory, cwd), "its working directory is " + cwd
                        + ": its relative paths start there");
    }

    private Optional<String> hasUnreachableDirectory() {
        String cwd = state.cwd();
        return cwd == null
                ? hidden("its working directory is")
                : flawIf(!cwd.startsWith("/"), "its working directory is " + cwd
                        + ": the directory does not have an absolute path");
    }

    Optional<String> hasOtherUmask(FileMode expected) {
        FileMode umask = state.umask();
        return umask == null
                ? unknown("its umask is")
                : flawIf(!umask.equals(expected),
                        "its umask is " + umask + ": a file opened with mode " + NEW_FILE
                                + " gets mode " + without(umask) + ", not " + without(expected));
    }

    private static FileMode without(FileMode umask) {
        return FileMode.of(NEW_FILE.bits() & ~umask.bits());
    }

    Optional<String> hasOtherDescriptors(int... expected) {
        SortedSet<Integer> numbers = new TreeSet<>();
        for (int fd : expected) {
            numbers.add(fd);
        }
        return hasOtherDescriptors(numbers, numbers);
    }

    private Optional<String> hasOtherDescriptors(SortedSet<Integer> required, SortedSet<Integer> allowed) {
        SortedMap<Integer, String> fds = state.fds();
        if (fds == null) {
            return hidden("its descriptors are");
        }
        SortedMap<Integer, String> more = new TreeMap<>(fds);
        more.keySet().removeAll(allowed);
        SortedSet<Integer> closed = new TreeSet<>(required);
        closed.removeAll(fds.keySet());
        List<String> flaws = new ArrayList<>();
        if (!closed.isEmpty()) {
            flaws.add("it does not have " + FailureText.list(List.copyOf(closed))
                    + " open: the next file that it opens takes the number");
        }
        if (!more.isEmpty()) {
            flaws.add("it also has " + FailureText.descriptors(more) + " open: it holds what is open there");
        }
        return flawIf(!flaws.isEmpty(), String.join("; ", flaws));
    }

    Optional<String> lacksDescriptor(int fd, Path file) {
        SortedMap<Integer, String> fds = state.fds();
        if (fds == null) {
            return hidden("its descriptors are");
        }
        String open = fds.get(fd);
        return open == null
                ? Optional.of("the descriptor is closed: a read or write fails with EBADF")
                : flawIf(!isAt(file, open),
                        "the descriptor is open on " + open + ": it reads and writes there");
    }

    Optional<String> blocksSignals() {
        SignalSet blocked = state.blocked();
        return blocked == null
                ? unknown("its blocked signals are")
                : flawIf(!blocked.isEmpty(),
                        "it blocks " + FailureText.signals(blocked) + ": execve(2) does not reset the mask");
    }

    Optional<String> ignoresSignals() {
        SignalSet ignored = state.ignored();
        return ignored == null
                ? unknown("its ignored signals are")
                : flawIf(!ignored.isEmpty(),
                        "it ignores " + FailureText.signals(ignored) + ": execve(2) does not reset this");
    }

    Optional<String> doesNotIgnore(Signal signal) {
        SignalSet ignored = state.ignored();
        return ignored == null
                ? unknown("its ignored signals are")
                : flawIf(!ignored.contains(signal),
                        "its ignored signals are " + FailureText.signals(ignored) + ": " + signal
                                + " reaches it");
    }

    Optional<String> hasOtherUser(long expected) {
        Long uid = state.uid();
        return uid == null
                ? unknown("its uid is")
                : flawIf(uid != expected, "its uid is " + uid + ": it has the rights of "
                        + (uid == 0 ? "root" : "that user"));
    }

    /**
     * Returns every flaw of a daemon.
     *
     * @param alsoOpen the descriptors above 2 that may be open
     */
    List<String> ofDaemon(int... alsoOpen) {
        return present(Stream.concat(afterSteps(alsoOpen), Stream.of(blocksSignals(), ignoresSignals())));
    }

    /**
     * Returns every flaw of a daemon that has a pid file and a log, and has opened nothing else.
     *
     * @param pidFile the only file above descriptor 2
     * @param log the file of descriptors 1 and 2
     */
    List<String> ofDaemon(Path pidFile, Path log) {
        SortedMap<Integer, String> fds = state.fds();
        if (fds == null) {
            return ofDaemon();
        }
        List<Integer> locks = fds.tailMap(3).entrySet().stream()
                .filter(open -> isAt(pidFile, open.getValue())).map(Map.Entry::getKey).toList();
        Stream<String> ofFiles = present(Stream.of(hasOther(fds, 0, NULL_DEVICE), hasOther(fds, 1, log),
                hasOther(fds, 2, log),
                flawIf(locks.size() != 1, "it has the pid file " + pidFile + " open "
                        + (locks.isEmpty() ? "nowhere" : "at " + FailureText.list(locks))
                        + ": exactly one descriptor holds the lock")))
                .stream();
        return Stream.concat(ofDaemon(locks.stream().mapToInt(Integer::intValue).toArray()).stream(), ofFiles)
                .toList();
    }

    private static Optional<String> hasOther(SortedMap<Integer, String> fds, int fd, Path file) {
        String open = fds.get(fd);
        return flawIf(open != null && !isAt(file, open),
                "its descriptor " + fd + " is open on " + open + ", not on " + file);
    }

    /**
     * Returns every flaw of a process after the seven steps, before EXEC. EXEC resets the signals.
     *
     * @param alsoOpen the descriptors above 2 that may be open
     */
    List<String> ofDaemonBeforeExec(int... alsoOpen) {
        return present(afterSteps(alsoOpen));
    }

    private Stream<Optional<String>> afterSteps(int... alsoOpen) {
        SortedSet<Integer> allowed = new TreeSet<>(STANDARD);
        for (int fd : alsoOpen) {
            allowed.add(fd);
        }
        return Stream.of(isNotOrphan(), leadsSession(), leadsGroup(), leftGroupOfSession(), hasTerminal(),
                hasOtherDescriptors(STANDARD, allowed), hasUnreachableDirectory());
    }

    private static List<String> present(Stream<Optional<String>> flaws) {
        return flaws.flatMap(Optional::stream).distinct().toList();
    }

    /**
     * Returns whether the kernel's text of a path names this file. The kernel's path has no symbolic links.
     */
    private static boolean isAt(Path file, String text) {
        if (file.toString().equals(text)) {
            return true;
        }
        try {
            return file.toRealPath().toString().equals(text);
        } catch (IOException e) {
            return false; // a file without a path now, such as socket:[12], or a file that was removed
        }
    }

    private static Optional<String> flawIf(boolean flawed, String text) {
        return flawed ? Optional.of(text) : Optional.empty();
    }

    /**
     * A fact that the kernel shows to every user unless {@code /proc} is mounted with hidepid; see proc(5).
     */
    private static Optional<String> unknown(String fact) {
        return Optional.of(fact
                + " unknown: the process has ended, or belongs to another user and /proc hides it (hidepid)");
    }

    /** A fact that the kernel shows only to the process's own user and to root; see ptrace(2). */
    private static Optional<String> hidden(String fact) {
        return Optional.of(fact + " unknown: the process has ended, or belongs to another user");
    }
}
