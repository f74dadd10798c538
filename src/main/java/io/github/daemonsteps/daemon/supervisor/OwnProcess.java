package io.github.daemonsteps.daemon.supervisor;

import io.github.daemonsteps.procfs.ProcessStat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The facts of this process that tell whether a supervisor's variable is for this process, or was inherited
 * from another one.
 *
 * @param pid the process id
 * @param hasControllingTerminal whether the process has a controlling terminal; true if that is unknown
 * @param isGroupLeader whether the process is a process group leader
 * @param streams the files of standard output and standard error, each as {@code DEVICE:INODE}
 */
record OwnProcess(long pid, boolean hasControllingTerminal, boolean isGroupLeader, Set<String> streams) {

    private static final Path STAT = Path.of("/proc/self/stat");
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    /** Returns the facts of this process. A platform without {@code /proc} shows only the process id. */
    static OwnProcess current() {
        long pid = ProcessHandle.current().pid();
        Optional<ProcessStat> stat = ProcessStat.read(STAT).filter(read -> read.pid() == pid);
        return new OwnProcess(pid, stat.isEmpty() || stat.get().terminal() != 0,
                stat.isPresent() && stat.get().pgid() == pid, standardStreams());
    }

    private static Set<String> standardStreams() {
        Set<String> streams = new HashSet<>();
        for (String fd : new String[]{"1", "2"}) {
            try {
                Path file = DESCRIPTORS.resolve(fd);
                if (Files.exists(file)) {
                    streams.add(Files.getAttribute(file, "unix:dev") + ":"
                            + Files.getAttribute(file, "unix:ino"));
                }
            } catch (IOException e) {
                // The descriptor is closed, so it leads to no supervisor.
            }
        }
        return streams;
    }
}
