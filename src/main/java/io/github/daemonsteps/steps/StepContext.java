package io.github.daemonsteps.steps;

import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.ForkedProcessException;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.Capabilities;
import io.github.daemonsteps.process.ProcessInspector;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.procfs.JvmOpenFiles;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * The context of the steps of a run, or of one step that is taken alone: a forked process, its state before
 * the step, and its present state.
 */
public final class StepContext {

    private final ForkedProcess process;
    private final ProcessInspector kernel;
    private final KeptDescriptors kept;
    private ProcessState before;
    /** The last reading, and the number of requests at that time. */
    private ProcessState last;
    private long requestCount;

    /**
     * Creates the context of a step that is taken alone. Reads the state of the process.
     *
     * @param process the process that takes the step
     * @param kernel reports the state of the process
     */
    public StepContext(ForkedProcess process, ProcessInspector kernel) {
        this(process, kernel, new KeptDescriptors());
    }

    /**
     * Creates the context of the steps of a run. Reads the state of the process.
     *
     * @param process the process that takes the steps
     * @param kernel reports the state of the process
     * @param kept the descriptors that the run keeps open; steps add to them
     */
    public StepContext(ForkedProcess process, ProcessInspector kernel, KeptDescriptors kept) {
        this.process = process;
        this.kernel = kernel;
        this.kept = kept;
        this.requestCount = process.requestCount();
        this.last = kernel.state(process.pid());
        this.before = last;
    }

    /** Returns the process. */
    public ForkedProcess process() {
        return process;
    }

    /** Returns the state of the process before the step. */
    public ProcessState before() {
        return before;
    }

    /** Returns the state of the process now. */
    public ProcessState now() {
        long requests = process.requestCount();
        last = requests == requestCount ? kernel.stateAfterWaiting(last) : kernel.state(process.pid());
        requestCount = requests;
        return last;
    }

    /**
     * Returns the open descriptors of the process now, each with the text of its link in
     * {@code /proc/PID/fd}. The {@linkplain #before states} lack the descriptors in a run that does not
     * {@linkplain io.github.daemonsteps.DaemonSteps#withoutDescriptorLists list} them.
     *
     * @return the descriptors; null if this user may not see them
     */
    public @Nullable SortedMap<Integer, String> descriptors() {
        return kernel.descriptors(process.pid());
    }

    /**
     * Keeps a descriptor of the process open. A later CLOSE of this run leaves the descriptor open. CLOSE
     * also clears close-on-exec, so the program inherits the descriptor.
     *
     * @param fd the descriptor
     * @throws IllegalArgumentException if the descriptor is not above 2
     */
    public void keepOpen(int fd) {
        kept.add(fd);
    }

    /**
     * Returns a view of the descriptors that earlier steps, and {@link DaemonRun#keepOpen}, keep open in this
     * run.
     */
    public SortedSet<Integer> kept() {
        return kept.view();
    }

    /**
     * Returns the file that a link of the process in {@code /proc/PID} leads to.
     *
     * @param link the name of the link, such as {@code cwd} or {@code fd/0}
     * @return the file; empty if the kernel does not show it
     */
    public Optional<FileStatus> linked(String link) {
        return kernel.file(CString.of("/proc/" + process.pid() + "/" + link));
    }

    /** Returns the file at a path, seen from the launcher. */
    Optional<FileStatus> file(CString path) {
        return kernel.file(path);
    }

    /** Returns the file at a path, seen from the launcher if the kernel shows it, else from the process. */
    FileStatus seen(CString path) {
        Optional<FileStatus> file = file(path);
        return file.isPresent() ? file.get() : process.stat(path);
    }

    /**
     * Returns those of the given descriptors of the process that are open on files of the launcher's JVM.
     *
     * @param fds descriptors of the process
     * @return the descriptors that are open on files of the launcher's JVM
     */
    public List<Integer> jvmFiles(Collection<Integer> fds) {
        return JvmOpenFiles.among(fds, process.pid(), this::file);
    }

    /** Returns the capabilities of the process, see capabilities(7). */
    public Capabilities capabilities() {
        return kernel.capabilities(process.pid());
    }

    /**
     * Returns whether a descriptor of the process is close-on-exec; false if the kernel does not show the
     * flag.
     *
     * @param fd a descriptor of the process
     * @return whether the descriptor is close-on-exec
     */
    public boolean isCloseOnExec(int fd) {
        return kernel.isCloseOnExec(process.pid(), fd);
    }

    /** Returns one more than the highest possible descriptor. */
    long openMax() {
        return kernel.openMax();
    }

    /** Takes a step on the process, and returns its report. */
    StepReport report(Step step) {
        var log = new CallLog();
        before = now();
        process.setCallListener(log);
        StepOutcome outcome;
        try {
            outcome = step.perform(this);
        } catch (PosixException e) {
            outcome = failure(e);
        } catch (ForkedProcessException e) {
            outcome = new StepOutcome.Failed(step.name().name(), null, e.getMessage());
        } finally {
            log.end();
        }
        return new StepReport(step.name(), log.calls(), before, now(), outcome);
    }

    static StepOutcome.Failed failure(PosixException failed) {
        return new StepOutcome.Failed(failed.call().text(), failed.errno(), failed.errno().text());
    }
}
