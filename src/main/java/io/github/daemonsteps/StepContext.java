package io.github.daemonsteps;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.ForkedProcess;
import java.util.Optional;

/**
 * What a step works on: a forked process, its state before the step, and the kernel to ask what came of it.
 */
public final class StepContext {

    private final ForkedProcess process;
    private final Kernel kernel;
    private final ProcessState before;

    StepContext(ForkedProcess process, Kernel kernel) {
        this.process = process;
        this.kernel = kernel;
        this.before = kernel.state(process.pid());
    }

    /** The process. */
    public ForkedProcess process() {
        return process;
    }

    /** Its state before the step. */
    public ProcessState before() {
        return before;
    }

    /** Its state now. */
    public ProcessState now() {
        return kernel.state(process.pid());
    }

    /** The state of another process now. */
    ProcessState stateOf(int pid) {
        return kernel.state(pid);
    }

    /**
     * The file that one of the process's links in {@code /proc} leads to, such as {@code cwd} or {@code
     * fd/0}.
     */
    Optional<FileStatus> linked(String link) {
        return kernel.file(CString.of("/proc/" + process.pid() + "/" + link));
    }

    /** The file at a path, seen from the launcher. */
    Optional<FileStatus> file(CString path) {
        return kernel.file(path);
    }

    /** What the process may beyond an ordinary user's rights. */
    Capabilities capabilities() {
        return kernel.capabilities(process.pid());
    }

    /** Whether a descriptor of the process closes when it executes a program. False if it cannot be told. */
    boolean isCloseOnExec(int fd) {
        return kernel.isCloseOnExec(process.pid(), fd);
    }

    /** One more than the highest descriptor there can be. */
    long openMax() {
        return kernel.openMax();
    }
}
