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
 * The file systems that several machines share. flock(2) is another lock there. NFS requires a descriptor
 * that can write, and a holder on another machine is not visible here. So a pid file must not be on such a
 * file system.
 */
public final class NetworkFileSystem {

    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");

    private static final Set<String> TYPES =
            Set.of("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ncpfs", "fuse.sshfs", "ceph", "fuse.ceph",
                    "fuse.glusterfs", "lustre", "gpfs", "beegfs", "ocfs2", "gfs2", "orangefs");

    private NetworkFileSystem() {
    }

    /**
     * Returns the type of the network file system that a directory is on. The result is empty on a local file
     * system. If no mount of the device is listed, the result is empty too. The lock is then treated as on a
     * local file system.
     */
    public static Optional<String> of(FileStatus directory) {
        try {
            Optional<String> type =
                    type(Files.readAllLines(MOUNTS, StandardCharsets.ISO_8859_1), device(directory));
            return type.isPresent() && TYPES.contains(type.get()) ? type : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Parses lines such as {@code 36 35 98:0 /root /mount rw,noatime master:1 - ext3 /dev/root rw}, see
     * proc_pid_mountinfo(5).
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
