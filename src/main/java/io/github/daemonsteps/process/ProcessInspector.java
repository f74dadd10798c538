package io.github.daemonsteps.process;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.ffm.NativeValues;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.text.AsciiNumber;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What the kernel says, asked from the launcher: the steps are judged by this, not by what their own calls
 * return.
 */
public interface ProcessInspector {

    /** The state of a process. What cannot be read of it is unknown. */
    ProcessState state(int pid);

    /** The file at a path, links followed, such as {@code /proc/PID/cwd}. Empty if it cannot be told. */
    Optional<FileStatus> file(CString path);

    /** What a process may beyond an ordinary user's rights. None, if it cannot be told. */
    Capabilities capabilities(int pid);

    /** Whether a descriptor of a process closes when that executes a program. False if it cannot be told. */
    boolean isCloseOnExec(int pid, int fd);

    /** {@code sysconf(_SC_OPEN_MAX)}. */
    long openMax();

    /** The kernel itself. */
    static ProcessInspector ofThisSystem() {
        return new Running(NativePosix::get);
    }

    /**
     * The kernel itself, through {@code /proc} and the C library.
     *
     * @param posix the C library, asked for when it is needed
     */
    record Running(Supplier<NativePosix> posix) implements ProcessInspector {

        /** A line of proc_pid_fdinfo(5): {@code flags:\t02100002}. */
        private static final String FLAGS = "flags:";
        private static final int OCTAL = 8;

        @Override
        public ProcessState state(int pid) {
            return ProcessState.of(pid);
        }

        @Override
        public Optional<FileStatus> file(CString path) {
            return posix.get().tryStat(path);
        }

        @Override
        public Capabilities capabilities(int pid) {
            return Capabilities.of(pid);
        }

        @Override
        public boolean isCloseOnExec(int pid, int fd) {
            Path fdinfo = Path.of("/proc", Integer.toString(pid), "fdinfo", Integer.toString(fd));
            int closeOnExec = NativeValues.bits(Set.of(OpenFlag.O_CLOEXEC));
            try {
                return Files.readAllLines(fdinfo, StandardCharsets.ISO_8859_1).stream()
                        .filter(line -> line.startsWith(FLAGS))
                        .map(line -> AsciiNumber.parseInt(line.substring(FLAGS.length()).strip(), OCTAL))
                        .anyMatch(flags -> (flags & closeOnExec) != 0);
            } catch (IOException hidden) {
                return false;
            }
        }

        @Override
        public long openMax() {
            return posix.get().openMax();
        }
    }
}
