package io.github.daemonsteps.procfs;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.StandardDescriptors;
import java.io.File;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files that this JVM has open to read its own classes from. The JVM does not mark these files
 * close-on-exec, so they must be closed for a daemon's program. The class compares files by device and inode:
 * a JVM cannot decode every name in every locale.
 */
public final class JvmOpenFiles {

    private static final Pattern SEPARATOR = Pattern.compile(File.pathSeparator, Pattern.LITERAL);

    /** Matches the path of a file below a directory that is named by its descriptor. */
    private static final Pattern BELOW_DESCRIPTOR = Pattern.compile("(/proc/self/fd/[0-9]+)/.*");

    private JvmOpenFiles() {
    }

    /**
     * Returns those of the given descriptors above 2 that are open on these files in another process.
     *
     * @param fds the descriptors
     * @param pid the other process
     * @param file returns the file at a path
     */
    public static List<Integer> among(Collection<Integer> fds, int pid,
            Function<CString, Optional<FileStatus>> file) {
        List<FileStatus> own = files(file);
        List<Integer> among = new ArrayList<>();
        for (int fd : fds) {
            CString link = CString.of("/proc/" + pid + "/fd/" + fd);
            if (!StandardDescriptors.contains(fd) && isAmong(own, file.apply(link))) {
                among.add(fd);
            }
        }
        return among;
    }

    /** Returns whether a descriptor of this process is open on one of these files. */
    public static boolean isOpenOn(int fd) {
        NativePosix posix = NativePosix.get();
        return isAmong(files(posix::tryStat), posix.tryStat(CString.of("/proc/self/fd/" + fd)));
    }

    private static boolean isAmong(List<FileStatus> own, Optional<FileStatus> open) {
        if (open.isEmpty()) {
            return false;
        }
        for (FileStatus file : own) {
            if (file.isSameFileAs(open.get())) {
                return true;
            }
        }
        return false;
    }

    private static List<FileStatus> files(Function<CString, Optional<FileStatus>> file) {
        List<FileStatus> files = new ArrayList<>();
        for (String path : paths()) {
            Optional<FileStatus> status = file.apply(CString.of(path));
            if (status.isPresent()) {
                files.add(status.get());
            }
        }
        return files;
    }

    private static List<String> paths() {
        List<String> paths = new ArrayList<>();
        paths.add(System.getProperty("java.home") + "/lib/modules");
        for (String property : new String[]{"java.class.path", "jdk.module.path"}) {
            for (String path : SEPARATOR.split(System.getProperty(property, ""), -1)) {
                if (!path.isEmpty()) {
                    paths.add(path);
                    addDescriptor(path, paths);
                }
            }
        }
        return paths;
    }

    private static void addDescriptor(String path, List<String> paths) {
        Matcher matcher = BELOW_DESCRIPTOR.matcher(path);
        if (matcher.matches()) {
            paths.add(matcher.group(1));
        }
    }
}
