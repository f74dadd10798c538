package io.github.daemonsteps.process;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.CallInterceptor;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.procfs.ProcFields;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A reader of what the kernel reports, from the launcher. The steps check their effect by these reports, and
 * not by the results of their own calls.
 */
public interface ProcessInspector {

    /**
     * Returns the state of a process. A value that cannot be read is unknown.
     *
     * @param pid the process
     * @return the state
     */
    ProcessState state(int pid);

    /**
     * Returns the state of a process that has not made any call since an earlier reading. What only the
     * process itself can change need not be read again.
     *
     * @param earlier the earlier reading
     * @return the state
     */
    default ProcessState stateAfterWaiting(ProcessState earlier) {
        return state(earlier.pid());
    }

    /**
     * Returns the open descriptors of a process, each with the text of its link in {@code /proc/PID/fd}.
     *
     * @param pid the process
     * @return the descriptors; null if the kernel does not show them
     */
    default @Nullable SortedMap<Integer, String> descriptors(int pid) {
        return state(pid).fds();
    }

    /** Returns an inspector whose states lack the open descriptors, if that saves time. */
    default ProcessInspector withoutDescriptors() {
        return this;
    }

    /**
     * Returns the file at a path, such as {@code /proc/PID/cwd}, after following links.
     *
     * @param path the path
     * @return the file; empty if the kernel does not show it
     */
    Optional<FileStatus> file(CString path);

    /**
     * Returns the capabilities of a process; none if the kernel does not show them.
     *
     * @param pid the process
     * @return the capabilities
     */
    Capabilities capabilities(int pid);

    /**
     * Returns whether a descriptor of a process is close-on-exec; false if the kernel does not show the flag.
     *
     * @param pid the process
     * @param fd the descriptor
     * @return whether the descriptor is close-on-exec
     */
    boolean isCloseOnExec(int pid, int fd);

    /** Returns {@code sysconf(_SC_OPEN_MAX)}. */
    long openMax();

    /** Returns an inspector that reads the running kernel. */
    static ProcessInspector ofThisSystem() {
        return new Running(NativePosix::get, true);
    }

    /**
     * Returns an inspector that reads the running kernel. Its calls of the C library go through an
     * interceptor.
     *
     * @param interceptor is asked about each call
     */
    static ProcessInspector ofThisSystem(CallInterceptor interceptor) {
        NativePosix posix = NativePosix.intercepted(interceptor);
        return new Running(() -> posix, true);
    }

    /**
     * An inspector that reads the running kernel through {@code /proc} and the C library.
     *
     * @param posix supplies the C library when a method needs it
     * @param listsDescriptors whether the states have the open descriptors
     */
    record Running(Supplier<NativePosix> posix, boolean listsDescriptors) implements ProcessInspector {

        @Override
        public ProcessState state(int pid) {
            return listsDescriptors ? ProcessState.of(pid) : ProcessState.withoutDescriptors(pid);
        }

        @Override
        public @Nullable SortedMap<Integer, String> descriptors(int pid) {
            return ProcessState.descriptors(pid);
        }

        @Override
        public ProcessInspector withoutDescriptors() {
            return new Running(posix, false);
        }

        @Override
        public ProcessState stateAfterWaiting(ProcessState earlier) {
            return earlier.afterWaiting();
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
            try {
                return ProcFields.read(fdinfo).isCloseOnExec();
            } catch (IOException e) {
                return false;
            }
        }

        @Override
        public long openMax() {
            return posix.get().openMax();
        }
    }
}
