package io.github.daemonsteps.daemon.files;

import io.github.daemonsteps.posix.FileStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * File systems that several machines share. There flock(2) is another lock: NFS asks for a descriptor that can write,
 * and a holder on another machine is not shown here. So no pid file is kept there.
 */
public final class NetworkFileSystem {

    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");

    private static final Set<String> TYPES =
            Set.of("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ncpfs", "fuse.sshfs", "ceph", "fuse.ceph",
                    "fuse.glusterfs", "lustre", "gpfs", "beegfs", "ocfs2", "gfs2", "orangefs");

    private NetworkFileSystem() {
    }

    /**
     * Returns the type of the network file system that a directory is on. Empty if it is on a local one, or if no mount of
     * its device is listed: the lock is then judged as on a local file system.
     */
    public static Optional<String> of(FileStatus directory) {
        try {
            return type(Files.readAllLines(MOUNTS, StandardCharsets.ISO_8859_1), device(directory))
                    .filter(TYPES::contains);
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    /**
     * Each line: {@code 36 35 98:0 /root /mount rw,noatime master:1 - ext3 /dev/root rw}, see proc_pid_mountinfo(5).
     */
    static Optional<String> type(List<String> lines, String device) {
        for (String line : lines) {
            String[] words = line.split(" ", -1);
            int separator = List.of(words).indexOf("-");
            if (separator > 0 && separator + 1 < words.length && words[2].equals(device)) {
                return Optional.of(words[separator + 1]);
            }
        }
        return Optional.empty();
    }

    private static String device(FileStatus file) {
        return file.deviceMajor() + ":" + file.deviceMinor();
    }
}
