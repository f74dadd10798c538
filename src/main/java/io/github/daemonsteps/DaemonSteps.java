package io.github.daemonsteps;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.process.ProcessInspector;
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

/**
 * The steps from a launcher to a daemon: which, how, and in what order. Immutable; each method that changes
 * something gives a new one.
 *
 * <pre>{@code
 * try (var run = DaemonSteps.classic().redirectOutput(Target.log(Path.of("/var/log/echod.log"))).start()) {
 *     for (StepReport report : run) {
 *         System.out.println(report.step() + ": " + report.outcome());
 *     }
 *     run.execve(Program.of("/usr/sbin/echod", "--port", "7"));
 * }
 * }</pre>
 *
 * <p>The steps of one's own choice, in one's own order: {@link #of}. FORK is always the first, since it makes
 * the process that takes the others.
 */
public final class DaemonSteps {

    private final Fork fork;
    private final List<Step> steps;
    private final Set<StepName> leftOut;

    private DaemonSteps(Fork fork, List<Step> steps, Set<StepName> leftOut) {
        this.fork = fork;
        this.steps = List.copyOf(steps);
        this.leftOut = Set.copyOf(leftOut);
    }

    /**
     * The seven steps of the Unix programming FAQ, section 1.7, to the letter: directory {@code /}, umask 0,
     * every descriptor closed, and 0, 1 and 2 on {@code /dev/null}.
     */
    public static DaemonSteps classic() {
        return of(new StartSession(), new ForkAgain(), new ChangeDirectory(Path.of("/")),
                new SetUmask(FileMode.of(0)),
                new CloseDescriptors(),
                new ReopenStandardDescriptors());
    }

    /**
     * The easy recipe, {@code nohup PROGRAM &}: a fork that ignores hangups, and keeps all else that it
     * inherits.
     */
    public static DaemonSteps nohup() {
        return of(new IgnoreHangup());
    }

    /**
     * Returns FORK, followed by these steps. The end of a run, {@link DaemonRun#execve}, is not a step.
     */
    public static DaemonSteps of(Step... steps) {
        return new DaemonSteps(new Fork(), List.of(steps), Set.of());
    }

    /** Uses this step in place of each of the same name. */
    public DaemonSteps with(Step step) {
        List<Step> changed = new ArrayList<>(steps);
        changed.replaceAll(old -> old.name().equals(step.name()) ? step : old);
        if (changed.stream().noneMatch(step::equals)) {
            throw new IllegalArgumentException("there is no step " + step.name() + " among " + names());
        }
        return new DaemonSteps(fork, changed, leftOut);
    }

    /** Adds a step, of the library or of your own, after the last one. */
    public DaemonSteps add(Step step) {
        List<Step> more = new ArrayList<>(steps);
        more.add(step);
        return new DaemonSteps(fork, more, leftOut);
    }

    /** Leaves this step out; its report says that it was skipped. */
    public DaemonSteps without(StepName name) {
        if (steps.stream().noneMatch(step -> step.name().equals(name))) {
            throw new IllegalArgumentException("there is no step " + name + " to leave out among " + names());
        }
        Set<StepName> more = new HashSet<>(leftOut);
        more.add(name);
        return new DaemonSteps(fork, steps, more);
    }

    /** Changes to this directory: see {@link ChangeDirectory}. */
    public DaemonSteps workingDirectory(Path directory) {
        return with(new ChangeDirectory(directory));
    }

    /** Changes to the directory at these bytes: see {@link ChangeDirectory}. */
    public DaemonSteps workingDirectory(CString directory) {
        return with(new ChangeDirectory(directory));
    }

    /** {@link SetUmask} to this mask. */
    public DaemonSteps umask(FileMode mask) {
        return with(new SetUmask(mask));
    }

    /**
     * Keeps these descriptors open, and those of earlier calls: see {@link CloseDescriptors}.
     *
     * @throws IllegalArgumentException if one is not above 2, or CLOSE is not among the steps
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

    /** Opens 0 on {@code /dev/null}, and 1 and 2 on this target: see {@link ReopenStandardDescriptors}. */
    public DaemonSteps redirectOutput(StreamTarget target) {
        return with(new ReopenStandardDescriptors(StreamTarget.devNull(), target, target));
    }

    /** Sets how long a C function may take in the process; after that the process is killed, and the step fails. */
    public DaemonSteps callTimeout(Duration timeout) {
        return new DaemonSteps(new Fork(timeout), steps, leftOut);
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

    /**
     * A step that would be taken.
     *
     * @param step its name
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

    /** Returns a run of these steps. No step is taken yet: the run takes each step when it is asked for the report. */
    public DaemonRun start() {
        return start(ForkedProcess::fork, ProcessInspector.ofThisSystem());
    }

    /**
     * Returns a run of these steps on another process than a real one, such as a scripted process of a test.
     *
     * @param forker what creates the process
     * @param kernel what the state of the process is read from
     */
    public DaemonRun start(Fork.Forker forker, ProcessInspector kernel) {
        return new DaemonRun(this, forker, kernel);
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
