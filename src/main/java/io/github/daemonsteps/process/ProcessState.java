package io.github.daemonsteps.process;

import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.SignalSet;
import io.github.daemonsteps.procfs.ProcFields;
import io.github.daemonsteps.procfs.ProcessStat;
import io.github.daemonsteps.procfs.TtyDrivers;
import io.github.daemonsteps.text.AsciiNumber;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.StringTokenizer;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The state of a process, as the kernel shows it in {@code /proc}. A fact that this user may not see is null.
 *
 * @param pid the process id
 * @param ppid the parent
 * @param pgid the process group: the id of the group's first process
 * @param sid the session: the id of the session's first process
 * @param terminal the controlling terminal as a device number; 0 if the process has none
 * @param tty the path of the controlling terminal; null also if the process has none
 * @param cwd the path of the current directory
 * @param umask the file mode creation mask
 * @param fds the open descriptors, each with the text of its link in {@code /proc/PID/fd}
 * @param uid the real user
 * @param gid the real group
 * @param groups the supplementary groups
 * @param blocked the signals that the process blocks
 * @param ignored the signals that the process ignores
 * @param caught the signals that the process catches
 */
public record ProcessState(int pid, @Nullable Integer ppid, @Nullable Integer pgid, @Nullable Integer sid,
        @Nullable Integer terminal, @Nullable String tty,
        @Nullable String cwd,
        @Nullable FileMode umask, @Nullable SortedMap<Integer, String> fds, @Nullable Long uid,
        @Nullable Long gid,
        @Nullable List<Long> groups,
        @Nullable SignalSet blocked, @Nullable SignalSet ignored, @Nullable SignalSet caught) {

    /** Keeps unmodifiable copies of the collections. */
    public ProcessState {
        fds = fds == null ? null : Collections.unmodifiableSortedMap(new TreeMap<>(fds));
        groups = groups == null ? null : List.copyOf(groups);
    }

    /** Returns the state of this process. */
    public static ProcessState ofThisProcess() {
        return of((int) ProcessHandle.current().pid());
    }

    /**
     * Returns the state of a process, as far as this user may see it. All values of a missing process are
     * unknown.
     *
     * @param pid the process
     * @return the state
     */
    public static ProcessState of(int pid) {
        return read(directory(pid), pid, descriptors(pid));
    }

    /** Returns the state of a process without its open descriptors, which are null then. */
    static ProcessState withoutDescriptors(int pid) {
        return read(directory(pid), pid, null);
    }

    /**
     * Returns the open descriptors of a process, each with the text of its link in {@code /proc/PID/fd}; null
     * if this user may not see them.
     */
    static @Nullable SortedMap<Integer, String> descriptors(int pid) {
        return links(directory(pid).resolve("fd"));
    }

    private static Path directory(int pid) {
        return Path.of("/proc", Integer.toString(pid));
    }

    /**
     * Returns the state now if the process has not made any call since this state was read. What only the
     * process itself can change is not read again. Others can end the process, and change its parent, group
     * and terminal.
     */
    ProcessState afterWaiting() {
        Optional<ProcessStat> stat = ProcessStat.read(directory(pid).resolve("stat"));
        if (stat.isEmpty() || stat.get().hasEnded()) {
            return fds == null ? withoutDescriptors(pid) : of(pid);
        }
        ProcessStat now = stat.get();
        return new ProcessState(pid, now.ppid(), now.pgid(), now.sid(), now.terminal(), tty(now.terminal()),
                cwd, umask, fds, uid, gid, groups, blocked, ignored, caught);
    }

    private static @Nullable String tty(@Nullable Integer terminal) {
        return terminal != null && terminal > 0 ? TtyDrivers.path(terminal) : null;
    }

    /** Returns whether the process leads its process group. In a leader setsid fails. */
    public boolean isGroupLeader() {
        return pgid != null && pgid == pid;
    }

    /** Returns whether the process leads its session. A leader could take a controlling terminal. */
    public boolean isSessionLeader() {
        return sid != null && sid == pid;
    }

    /**
     * Returns whether a process has ended. A zombie has ended, although its parent has not reaped it yet. The
     * method also returns true for a process that this user may not see.
     */
    public static boolean hasEnded(int pid) {
        return ProcessStat.of(pid).map(ProcessStat::hasEnded).orElse(true);
    }

    /** Returns whether the process has a controlling terminal; false if the kernel does not show that. */
    public boolean hasControllingTerminal() {
        return terminal != null && terminal > 0;
    }

    static ProcessState read(Path directory, int pid, @Nullable SortedMap<Integer, String> descriptors) {
        var builder = new Builder(pid);
        Optional<ProcessStat> stat = ProcessStat.read(directory.resolve("stat"));
        if (stat.isPresent()) {
            builder.stat(stat.get());
        }
        builder.status(directory.resolve("status"));
        builder.cwd = link(directory.resolve("cwd"));
        builder.fds = descriptors;
        return builder.build();
    }

    private static @Nullable String link(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return null;
        }
    }

    static @Nullable SortedMap<Integer, String> links(Path directory) {
        var links = new TreeMap<Integer, String>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                String target = link(entry);
                // The list of this process also shows the descriptor that reads the list, which the caller
                // does not ask for.
                if (target != null && !target.equals(directory.toString())) {
                    links.put(AsciiNumber.parseInt(entry.getFileName().toString()), target);
                }
            }
            return links;
        } catch (IOException | java.nio.file.DirectoryIteratorException e) {
            return null;
        }
    }

    /** Collects the values that can be read; the others stay unknown. */
    private static final class Builder {
        private final int pid;
        private @Nullable Integer ppid;
        private @Nullable Integer pgid;
        private @Nullable Integer sid;
        private @Nullable Integer terminal;
        private @Nullable String cwd;
        private @Nullable FileMode umask;
        private @Nullable SortedMap<Integer, String> fds;
        private @Nullable Long uid;
        private @Nullable Long gid;
        private @Nullable List<Long> groups;
        private @Nullable SignalSet blocked;
        private @Nullable SignalSet ignored;
        private @Nullable SignalSet caught;

        Builder(int pid) {
            this.pid = pid;
        }

        void stat(ProcessStat stat) {
            ppid = stat.ppid();
            pgid = stat.pgid();
            sid = stat.sid();
            terminal = stat.terminal();
        }

        /** Reads a status file; see proc_pid_status(5). */
        void status(Path file) {
            ProcFields fields;
            try {
                fields = ProcFields.read(file);
            } catch (IOException e) {
                return;
            }
            umask = mode(fields.value("Umask"));
            uid = firstNumber(fields.value("Uid"));
            gid = firstNumber(fields.value("Gid"));
            groups = numbers(fields.value("Groups"));
            blocked = signals(fields.value("SigBlk"));
            ignored = signals(fields.value("SigIgn"));
            caught = signals(fields.value("SigCgt"));
        }

        private static @Nullable FileMode mode(@Nullable String text) {
            return text == null ? null : FileMode.parse(text);
        }

        private static @Nullable SignalSet signals(@Nullable String text) {
            return text == null ? null : SignalSet.parse(text);
        }

        private static @Nullable Long firstNumber(@Nullable String text) {
            List<Long> numbers = numbers(text);
            return numbers == null ? null : numbers.getFirst();
        }

        private static @Nullable List<Long> numbers(@Nullable String text) {
            if (text == null) {
                return null;
            }
            var numbers = new ArrayList<Long>();
            var words = new StringTokenizer(text);
            while (words.hasMoreTokens()) {
                numbers.add(AsciiNumber.parseLong(words.nextToken()));
            }
            return numbers;
        }

        ProcessState build() {
            return new ProcessState(pid, ppid, pgid, sid, terminal, tty(terminal), cwd, umask, fds, uid, gid,
                    groups,
                    blocked, ignored,
                    caught);
        }
    }
}
