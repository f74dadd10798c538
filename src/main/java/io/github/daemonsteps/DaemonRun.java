package io.github.daemonsteps;

import io.github.daemonsteps.ffm.OwnStack;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.posix.SignalSet;
import io.github.daemonsteps.process.ProcessInspector;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.steps.Fork;
import io.github.daemonsteps.steps.KeptDescriptors;
import io.github.daemonsteps.steps.Step;
import io.github.daemonsteps.steps.StepContext;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import io.github.daemonsteps.steps.StepReport;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A run of steps. {@link #next} takes one step and returns its report. The process then waits for the next
 * step without a time limit. The run ends after its last step, or after the first step that fails.
 *
 * <p>{@link #close} kills the process unless the process has become its program, so an unfinished run leaves
 * no process. A run must not be used by several threads.
 */
public final class DaemonRun implements Iterable<StepReport>, AutoCloseable {

    private final DaemonSteps plan;
    private final Fork.Forker forker;
    private final ProcessInspector kernel;
    private final List<StepReport> reports = new ArrayList<>();
    private final KeptDescriptors kept = new KeptDescriptors();
    private @Nullable ForkedProcess process;
    private @Nullable StepContext context;
    private boolean closed;

    DaemonRun(DaemonSteps plan, Fork.Forker forker, ProcessInspector kernel) {
        this.plan = plan;
        this.forker = forker;
        this.kernel = kernel;
    }

    /** Takes the next step, and returns its report; empty if the run has ended or is closed. */
    public Optional<StepReport> next() {
        if (hasEnded()) {
            return Optional.empty();
        }
        return Optional.of(OwnStack.call(() -> {
            StepReport report = takeNext();
            reports.add(report);
            return report;
        }));
    }

    /**
     * Takes the next steps up to the first of this name, that one included.
     *
     * @param name the name of the last step to take
     * @return the report of the last step that was taken: the named one, or one that failed before it
     * @throws IllegalArgumentException if no such step is left; no step is taken then
     */
    public StepReport runUntil(StepName name) {
        if (hasEnded() || !remaining().contains(name)) {
            throw new IllegalArgumentException("step " + name + " is not among the remaining steps: "
                    + (hasEnded() ? "the run has ended" : remaining()));
        }
        StepReport report;
        do {
            report = next().orElseThrow();
        } while (!report.failed() && !report.step().equals(name));
        return report;
    }

    /**
     * Takes the remaining steps up to the first that fails. Returns the reports of all steps taken in this
     * run.
     */
    public List<StepReport> runRemaining() {
        while (!hasEnded()) {
            next();
        }
        return reports();
    }

    /** Iterates over the remaining steps; its {@code next()} takes a step. */
    @Override
    public Iterator<StepReport> iterator() {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return !hasEnded();
            }

            @Override
            public StepReport next() {
                Optional<StepReport> report = DaemonRun.this.next();
                if (report.isEmpty()) {
                    throw new NoSuchElementException(
                            "all steps have been taken, or one has failed, or the run is closed");
                }
                return report.get();
            }
        };
    }

    private List<StepName> remaining() {
        List<StepName> names = new ArrayList<>(List.of(plan.fork().name()));
        plan.steps().forEach(step -> names.add(step.name()));
        return names.subList(reports.size(), names.size());
    }

    /** Returns the reports of the steps taken until now. */
    public List<StepReport> reports() {
        return List.copyOf(reports);
    }

    /**
     * Returns the process that takes the steps.
     *
     * @return the process
     * @throws IllegalStateException if FORK has not been taken, or has failed
     */
    public ForkedProcess process() {
        if (process == null) {
            throw new IllegalStateException(
                    "the process does not exist: FORK has "
                            + (reports.isEmpty() ? "not been taken" : "failed"));
        }
        return process;
    }

    /**
     * Keeps a descriptor of the process open, besides those of {@link DaemonSteps#keepOpen}. The method is
     * for a descriptor that {@link #process} has opened between two steps.
     *
     * @param fd the descriptor
     * @throws IllegalArgumentException if the descriptor is not above 2
     */
    public void keepOpen(int fd) {
        kept.add(fd);
    }

    /**
     * Ends the run: the process becomes {@code program}. After a success this object no longer controls the
     * process.
     *
     * @param program the program that the process executes
     * @return the report, of a failure too; after a failure the process waits until this run is closed
     * @throws IllegalStateException if a step has failed or has not been taken
     */
    public StepReport execve(Program program) {
        if (!isComplete()) {
            throw new IllegalStateException(
                    "execve must come after the last step, and no step may have failed");
        }
        SignalSet ignored = ignoresHangup() ? SignalSet.of(Signal.SIGHUP) : SignalSet.NONE;
        ForkedProcess forked = process();
        return OwnStack.call(() -> {
            StepReport report = new Exec(program, ignored).run(context(forked));
            reports.add(report);
            return report;
        });
    }

    private boolean ignoresHangup() {
        for (StepReport report : reports) {
            if (report.step().equals(StepName.IGNORE_HANGUP)
                    && report.outcome() instanceof StepOutcome.Done) {
                return true;
            }
        }
        return false;
    }

    /** Kills the process, unless the process has become its program. */
    @Override
    public void close() {
        closed = true;
        if (process != null) {
            process.close();
        }
    }

    private boolean hasEnded() {
        return closed || reports.size() > plan.steps().size()
                || (!reports.isEmpty() && reports.getLast().failed());
    }

    private boolean isComplete() {
        return reports.size() == plan.steps().size() + 1 && !reports.getLast().failed();
    }

    private StepContext context(ForkedProcess forked) {
        StepContext created = context;
        if (created == null) {
            created = new StepContext(forked, kernel, kept);
            context = created;
        }
        return created;
    }

    private StepReport takeNext() {
        if (reports.isEmpty()) {
            Fork.Result result = plan.fork().run(forker, kernel);
            process = result.process();
            return result.report();
        }
        Step step = plan.steps().get(reports.size() - 1);
        if (plan.leavesOut(step.name())) {
            ProcessState state = context(process()).now();
            return new StepReport(step.name(), List.of(), state, state, new StepOutcome.Skipped("left out"));
        }
        return step.run(context(process()));
    }
}
