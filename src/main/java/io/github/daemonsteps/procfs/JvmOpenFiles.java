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
import java.util.function.IntFunction;
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
     * @param file returns the file at a path
     * @param open returns the file that a descriptor is open on
     */
    public static List<Integer> among(Collection<Integer> fds, Function<CString, Optional<FileStatus>> file,
            IntFunction<Optional<FileStatus>> open) {
        List<FileStatus> own = files(file);
        return fds.stream().filter(fd -> !StandardDescriptors.contains(fd) && isAmong(own, open.apply(fd)))
                .toList();
    }

    /** Returns whether a descriptor of this process is open on one of these files. */
    public static boolean isOpenOn(int fd) {
        NativePosix posix = NativePosix.get();
        return isAmong(files(posix::tryStat), posix.tryStat(CString.of("/proc/self/fd/" + fd)));
    }

    private static boolean isAmong(List<FileStatus> own, Optional<FileStatus> open) {
        return open.filter(file -> own.stream().anyMatch(file::isSameFileAs)).isPresent();
    }

    private static List<FileStatus> files(Function<CString, Optional<FileStatus>> file) {
        List<String> paths = new ArrayList<>();
        paths.add(System.getProperty("java.home") + "/lib/modules");
        for (String property : new String[]{"java.class.path", "jdk.module.path"}) {
            SEPARATOR.splitAsStream(System.getProperty(property, "")).filter(path -> !path.isEmpty())
                    .forEach(path -> {
                        paths.add(path);
                        Matcher matcher = BELOW_DESCRIPTOR.matcher(path);
                        if (matcher.matches()) {
                            paths.add(matcher.group(1));
                        }
                    });
        }
        return paths.stream().flatMap(path -> file.apply(CString.of(path)).stream()).toList();
    }
}
