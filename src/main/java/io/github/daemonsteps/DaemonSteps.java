package io.github.daemonsteps;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.CallInterceptor;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.StandardDescriptors;
import io.github.daemonsteps.process.ProcessInspector;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.steps.ChangeDirectory;
import io.github.daemonsteps.steps.CloseDescriptors;
import io.github.daemonsteps.steps.Fork;
import io.github.daemonsteps.steps.ForkAgain;
import io.github.daemonsteps.steps.ReopenStandardDescriptors;
import io.github.daemonsteps.steps.SetUmask;
import io.github.daemonsteps.steps.StartSession;
import io.github.daemonsteps.steps.Step;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StreamTarget;
import io.github.daemonsteps.steps.extra.IgnoreHangup;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The steps from a launcher to a daemon: which, how, and in what order. An object is immutable; each method
 * that changes something returns a new object.
 *
 * <pre>{@code
 * try (var run = DaemonSteps.classic()
 *         .redirectOutput(StreamTarget.log(Path.of("/var/log/echod.log"))).start()) {
 *     for (StepReport report : run) {
 *         System.out.println(report.step() + ": " + report.outcome());
 *     }
 *     run.execve(Program.of("/usr/sbin/echod", "--port", "7"));
 * }
 * }</pre>
 *
 * <p>{@link #of} takes steps of your own choice, in your own order. FORK is always the first, since FORK
 * creates the process that takes the others.
 */
public final class DaemonSteps {

    private final Fork fork;
    private final List<Step> steps;
    private final Set<StepName> leftOut;
    private final @Nullable CallInterceptor interceptor;
    private final boolean listsDescriptors;
    private final int controlFrom;

    private DaemonSteps(Fork fork, List<Step> steps, Set<StepName> leftOut,
            @Nullable CallInterceptor interceptor, boolean listsDescriptors, int controlFrom) {
        this.fork = fork;
        this.steps = List.copyOf(steps);
        this.leftOut = Set.copyOf(leftOut);
        this.interceptor = interceptor;
        this.listsDescriptors = listsDescriptors;
        this.controlFrom = controlFrom;
    }

    /**
     * Returns the seven steps of the Unix programming FAQ, section 1.7, to the letter. The directory is
     * {@code /} and the umask 0. Every descriptor is closed, and 0, 1 and 2 are opened on {@code /dev/null}.
     */
    public static DaemonSteps classic() {
        return of(new StartSession(), new ForkAgain(), new ChangeDirectory(Path.of("/")),
                new SetUmask(FileMode.of(0)),
                new CloseDescriptors(),
                new ReopenStandardDescriptors());
    }

    /**
     * Returns the easy recipe, {@code nohup PROGRAM &}: a fork that ignores SIGHUP, and keeps everything else
     * that the fork inherits.
     */
    public static DaemonSteps nohup() {
        return of(new IgnoreHangup());
    }

    /**
     * Returns FORK, followed by these steps. {@link DaemonRun#execve}, the end of a run, is not a step.
     *
     * @param steps the steps after FORK
     */
    public static DaemonSteps of(Step... steps) {
        return new DaemonSteps(new Fork(), List.of(steps), Set.of(), null, true, StandardDescriptors.COUNT);
    }

    /**
     * Replaces each step of the same name by this step.
     *
     * @param step the new step
     * @throws IllegalArgumentException if no step has this name
     */
    public DaemonSteps with(Step step) {
        List<Step> changed = new ArrayList<>(steps);
        changed.replaceAll(old -> old.name().equals(step.name()) ? step : old);
        if (changed.stream().noneMatch(step::equals)) {
            throw new IllegalArgumentException("step " + step.name() + " is not among " + names());
        }
        return new DaemonSteps(fork, changed, leftOut, interceptor, listsDescriptors, controlFrom);
    }

    /**
     * Adds a step, of the library or of your own, after the last one.
     *
     * @param step the step
     */
    public DaemonSteps add(Step step) {
        List<Step> more = new ArrayList<>(steps);
        more.add(step);
        return new DaemonSteps(fork, more, leftOut, interceptor, listsDescriptors, controlFrom);
    }

    /**
     * Leaves a step out. The step's report says that the step was skipped.
     *
     * @param name the name of the step
     * @throws IllegalArgumentException if no step has this name
     */
    public DaemonSteps without(StepName name) {
        if (steps.stream().noneMatch(step -> step.name().equals(name))) {
            throw new IllegalArgumentException(
                    "step " + name + " cannot be left out: it is not among " + names());
        }
        Set<StepName> more = new HashSet<>(leftOut);
        more.add(name);
        return new DaemonSteps(fork, steps, more, interceptor, listsDescriptors, controlFrom);
    }

    /**
     * Changes to this directory: see {@link ChangeDirectory}.
     *
     * @param directory an absolute path
     */
    public DaemonSteps workingDirectory(Path directory) {
        return with(new ChangeDirectory(directory));
    }

    /**
     * Changes to the directory whose path has these bytes: see {@link ChangeDirectory}.
     *
     * @param directory an absolute path
     */
    public DaemonSteps workingDirectory(CString directory) {
        return with(new ChangeDirectory(directory));
    }

    /**
     * Sets this file mode creation mask: see {@link SetUmask}.
     *
     * @param mask the mask, at most 0777
     */
    public DaemonSteps umask(FileMode mask) {
        return with(new SetUmask(mask));
    }

    /**
     * Keeps these descriptors open, and those of earlier calls: see {@link CloseDescriptors}.
     *
     * @param fds the descriptors
     * @throws IllegalArgumentException if a descriptor is not above 2, or CLOSE is not among the steps
     */
    public DaemonSteps keepOpen(int... fds) {
        var kept = new TreeSet<Integer>();
        for (Step step : steps) {
            if (step instanceof CloseDescriptors close) {
                kept.addAll(close.kept());
            }
        }
        for (int fd : fds) {
            kept.add(fd);
        }
        return with(new CloseDescriptors(kept));
    }

    /**
     * Opens 0 on {@code /dev/null}, and 1 and 2 on this target: see {@link ReopenStandardDescriptors}.
     *
     * @param target the target of standard output and standard error
     */
    public DaemonSteps redirectOutput(StreamTarget target) {
        return with(new ReopenStandardDescriptors(StreamTarget.devNull(), target, target));
    }

    /**
     * Sets how long a C function may take in the process. After that time the process is killed, and the step
     * fails.
     *
     * @param timeout the time, more than zero
     */
    public DaemonSteps callTimeout(Duration timeout) {
        return new DaemonSteps(new Fork(timeout), steps, leftOut, interceptor, listsDescriptors, controlFrom);
    }

    /**
     * Lets all calls of a run, in the launcher and in the forked processes, go through an interceptor: for
     * tests of failures.
     *
     * @param callInterceptor is asked about each call
     */
    public DaemonSteps interceptCalls(CallInterceptor callInterceptor) {
        return new DaemonSteps(fork, steps, leftOut, callInterceptor, listsDescriptors, controlFrom);
    }

    /**
     * Leaves the open descriptors out of the reports, where {@link ProcessState#fds} is null then. With
     * thousands of open descriptors their list takes longer than all steps. The checks of the steps are the
     * same.
     */
    public DaemonSteps withoutDescriptorLists() {
        return new DaemonSteps(fork, steps, leftOut, interceptor, false, controlFrom);
    }

    /**
     * Keeps the control descriptor of the process away from the lower numbers, which the program needs: see
     * {@link ForkedProcess#controlFd}.
     *
     * @param lowest the lowest number that the control descriptor may have
     * @throws IllegalArgumentException if the number is not above 2
     */
    public DaemonSteps controlFrom(int lowest) {
        if (StandardDescriptors.contains(lowest)) {
            throw new IllegalArgumentException("a control descriptor must be above 2, not " + lowest);
        }
        return new DaemonSteps(fork, steps, leftOut, interceptor, listsDescriptors, lowest);
    }

    /** Returns the steps that a run would take. No step is taken. */
    public List<PlannedStep> plan() {
        List<PlannedStep> plan = new ArrayList<>();
        plan.add(new PlannedStep(fork.name(), fork.description(), fork.rationale(), fork.plan(), false));
        for (Step step : steps) {
            plan.add(new PlannedStep(step.name(), step.description(), step.rationale(), step.plan(),
                    leftOut.contains(step.name())));
        }
        return plan;
    }

    /** Returns EXEC as a plan shows a step. {@link DaemonRun#execve} takes EXEC after the last step. */
    public static PlannedStep plannedExec() {
        return Exec.PLANNED;
    }

    /**
     * A step that would be taken.
     *
     * @param step the name of the step
     * @param description what the step does, in half a line
     * @param rationale why the step is taken, in half a line
     * @param calls the calls that the step would make, in C
     * @param leftOut whether the step would be skipped
     */
    public record PlannedStep(StepName step, String description, String rationale, List<String> calls,
            boolean leftOut) {

        /** Keeps an unmodifiable copy of the calls. */
        public PlannedStep {
            calls = List.copyOf(calls);
        }
    }

    /**
     * Returns a run of these steps. No step is taken yet: the run takes a step when the caller asks for its
     * report.
     */
    public DaemonRun start() {
        CallInterceptor through = interceptor;
        if (through == null && controlFrom == StandardDescriptors.COUNT) {
            return start(ForkedProcess::fork, ProcessInspector.ofThisSystem());
        }
        int lowest = controlFrom;
        return start((deadline, listener) -> ForkedProcess.fork(deadline, listener, through, lowest),
                through == null
                        ? ProcessInspector.ofThisSystem()
                        : ProcessInspector.ofThisSystem(through));
    }

    /**
     * Returns a run of these steps on another process than a real one: a scripted process of a test.
     *
     * @param forker creates the process
     * @param kernel reports the state of the process
     * @return the run
     */
    public DaemonRun start(Fork.Forker forker, ProcessInspector kernel) {
        return new DaemonRun(this, forker, listsDescriptors ? kernel : kernel.withoutDescriptors());
    }

    Fork fork() {
        return fork;
    }

    List<Step> steps() {
        return steps;
    }

    boolean leavesOut(StepName name) {
        return leftOut.contains(name);
    }

    private List<StepName> names() {
        return steps.stream().map(Step::name).toList();
    }
}
