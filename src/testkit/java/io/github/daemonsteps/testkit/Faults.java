package io.github.daemonsteps.testkit;

import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.posix.CallInterceptor;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.process.ProcessInspector;
import io.github.daemonsteps.steps.Step;
import io.github.daemonsteps.steps.StepContext;
import io.github.daemonsteps.steps.StepReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Faults of a single step, of a run or of a start: a call fails, a call lies, or a process is killed or
 * stopped at a call. Neither root nor strace is needed, and the real processes take the steps.
 *
 * <pre>{@code
 * var faults = Faults.failing("flock", Errno.EAGAIN);
 * StartResult result = daemon.interceptCalls(faults).start(program, readiness);
 * }</pre>
 *
 * <p>A call has the name of its C function, as {@link StepReport#calls} and the command {@code trace} show
 * it. An object serves one run or start, and records its calls. The object does not let the run send a
 * signal to a process that the run has not forked; {@link #violations} tells about such signals.
 */
public final class Faults implements CallInterceptor {

    /**
     * A call of a run.
     *
     * @param place the process that executed the call
     * @param function the name of the C function, or of the system call
     * @param ordinal the number of calls of the function there before
     * @param text the call as in C, for messages
     * @param pid the id of the process
     */
    public record Call(Place place, String function, int ordinal, String text, int pid) {

        /**
         * Returns whether the other call has the same place, function and ordinal: the same call of another
         * run.
         */
        public boolean isSame(Call other) {
            return place == other.place && ordinal == other.ordinal && function.equals(other.function);
        }
    }

    /** Faults of one's own. By default all calls are executed. */
    public interface Script {

        /**
         * Returns the effect on a call.
         *
         * @param call the call
         * @return the effect
         */
        default Effect effect(Call call) {
            return EXECUTED;
        }

        /**
         * Receives calls before they are executed. Calls of a forked process that belong together are one
         * request.
         *
         * @param request the calls
         */
        default void before(List<Call> request) {
        }

        /**
         * Receives calls after they have been executed.
         *
         * @param request the calls
         */
        default void after(List<Call> request) {
        }
    }

    private static final Effect EXECUTED = new Effect.Executed();

    private final Script script;
    private final String description;
    private final boolean isTargeted;
    private volatile boolean hasReplaced;
    private volatile boolean isSettling;
    private final List<Call> calls = new ArrayList<>();
    private final Map<String, Integer> counts = new HashMap<>();
    private final Set<Integer> forked = new LinkedHashSet<>();
    private final Map<Integer, Integer> pidfds = new TreeMap<>();
    private final List<String> violations = new ArrayList<>();
    /** The calls of the requests under way whose results are not the kernel's. */
    private final Set<CallInterceptor.Call> replaced = Collections.newSetFromMap(new IdentityHashMap<>());
    /**
     * The recorded calls of the requests under way. A request to a forked process contains calls of the
     * launcher.
     */
    private final IdentityHashMap<CallInterceptor.Call, Call> underWay = new IdentityHashMap<>();

    /**
     * Creates faults by a script.
     *
     * @param script chooses the effects
     */
    public Faults(Script script) {
        this(script, "faults by a script", false);
    }

    private Faults(Script script, String description, boolean isTargeted) {
        this.script = script;
        this.description = description;
        this.isTargeted = isTargeted;
    }

    /** Returns an object without faults, which only records the calls. */
    public static Faults none() {
        return new Faults(new Script() {}, "no fault", false);
    }

    /**
     * Lets each call of a function fail. The call is not executed.
     *
     * @param function the name of the C function
     * @param errno the errno of the call
     */
    public static SingleFault failing(String function, Errno errno) {
        return new SingleFault(function, new Effect.Fails(errno), "fails with " + errno.name());
    }

    /**
     * Lets each call of a function lie. The call is not executed, and returns 0 as if it had succeeded.
     *
     * @param function the name of the C function
     * @throws IllegalArgumentException if the library does not call the function, or a lie about its result
     *        cannot be noticed before it does harm, as about an address
     */
    public static SingleFault lying(String function) {
        LikelyFaults.requireHarmlessLie(function);
        return new SingleFault(function, new Effect.Returns(0), "does nothing and returns 0");
    }

    /**
     * Kills a process at a call. A killed launcher is this JVM, so the test must start the launcher in a
     * JVM of its own.
     *
     * @param victim the process
     */
    public static Disturbance killing(Place victim) {
        return new Disturbance(victim, Signal.SIGKILL);
    }

    /**
     * Stops a process at a call, by SIGSTOP. The next call of a stopped process fails after the
     * {@linkplain DaemonSteps#callTimeout time limit of a call}.
     *
     * @param victim the process
     */
    public static Disturbance stopping(Place victim) {
        return new Disturbance(victim, Signal.SIGSTOP);
    }

    /** A fault of the calls of one function. */
    public static final class SingleFault {

        private final String function;
        private final Effect effect;
        private final String text;

        private SingleFault(String function, Effect effect, String text) {
            this.function = LikelyFaults.requireKnown(function);
            this.effect = effect;
            this.text = text;
        }

        /** Returns the faults: every call of the function in the process that takes the steps. */
        public Faults always() {
            return always(Place.CHILD);
        }

        /**
         * Returns the faults: every call of the function in a process.
         *
         * @param place the process
         */
        public Faults always(Place place) {
            return faults(function + " in the " + place + " always " + text, call -> call.place() == place);
        }

        /**
         * Returns the faults: one call of the function in the process that takes the steps.
         *
         * @param number the number of the call, from 1
         */
        public Faults onCall(int number) {
            return onCall(Place.CHILD, number);
        }

        /**
         * Returns the faults: one call of the function in a process.
         *
         * @param place the process
         * @param number the number of the call there, from 1
         */
        public Faults onCall(Place place, int number) {
            if (number < 1) {
                throw new IllegalArgumentException("the number of a call must be 1 or more, not " + number);
            }
            return faults("call " + number + " of " + function + " in the " + place + " " + text,
                    call -> call.place() == place && call.ordinal() == number - 1);
        }

        private Faults faults(String description, Predicate<Call> isHit) {
            return new Faults(new Script() {
                @Override
                public Effect effect(Call call) {
                    return call.function().equals(function) && isHit.test(call) ? effect : EXECUTED;
                }
            }, description, true);
        }
    }

    /** A signal to a process at a call. */
    public static final class Disturbance {

        private final Place victim;
        private final Signal signal;

        private Disturbance(Place victim, Signal signal) {
            this.victim = victim;
            this.signal = signal;
        }

        /**
         * Sends the signal just before the first call of a function.
         *
         * @param function the name of the C function
         */
        public Faults before(String function) {
            LikelyFaults.requireKnown(function);
            return new Faults(new Strike(victim, signal, function, true),
                    signal + " to the " + victim + " before " + function, true);
        }

        /**
         * Sends the signal just after the first call of a function.
         *
         * @param function the name of the C function
         */
        public Faults after(String function) {
            LikelyFaults.requireKnown(function);
            return new Faults(new Strike(victim, signal, function, false),
                    signal + " to the " + victim + " after " + function, true);
        }
    }

    /** A script that sends one signal. */
    private static final class Strike implements Script {

        private final Place victim;
        private final Signal signal;
        private final String function;
        private final boolean isBefore;
        private final Map<Place, Integer> pids = new HashMap<>();
        private volatile boolean done;

        Strike(Place victim, Signal signal, String function, boolean isBefore) {
            this.victim = victim;
            this.signal = signal;
            this.function = function;
            this.isBefore = isBefore;
        }

        @Override
        public void before(List<Call> request) {
            request.forEach(call -> pids.put(call.place(), call.pid()));
            strike(request, isBefore);
        }

        @Override
        public void after(List<Call> request) {
            strike(request, !isBefore);
        }

        private void strike(List<Call> request, boolean isTime) {
            Integer pid = pids.get(victim);
            if (isTime && !done && pid != null
                    && request.stream().anyMatch(call -> call.function().equals(function))) {
                done = true;
                LibC.kill(pid, signal.number());
            }
        }
    }

    /**
     * Returns all likely faults of all calls that a step makes: the fault matrix of the step. The step is
     * taken once, on a forked process of its own.
     *
     * @param step the step
     * @return an object for each fault of each call
     */
    public static Stream<Faults> ofEachCall(Step step) {
        Faults recorder = none();
        StepReport _ = recorder.take(step);
        return recorder.ofRecordedCalls(Place.CHILD);
    }

    /**
     * Returns all likely faults of the recorded calls of a process.
     *
     * @param place the process
     * @return an object for each fault of each call
     */
    public Stream<Faults> ofRecordedCalls(Place place) {
        return calls().stream().filter(call -> call.place() == place)
                .flatMap(call -> LikelyFaults.of(call).stream().map(effect -> of(call, effect)));
    }

    /**
     * Returns the fault with this effect on this call of another run.
     *
     * @param target the call
     * @param effect the effect
     */
    public static Faults of(Call target, Effect effect) {
        return new Faults(new Script() {
            @Override
            public Effect effect(Call call) {
                return call.isSame(target) ? effect : EXECUTED;
            }
        }, "call " + (target.ordinal() + 1) + " of " + target.function() + " in the " + target.place() + ": "
                + LikelyFaults.text(effect), true);
    }

    /**
     * Returns likely effects on a call: the usual errnos of its manual page, and lies.
     *
     * @param call the call
     * @return the effects
     * @throws IllegalArgumentException if the function is not one that this library calls
     */
    public static List<Effect> likelyEffects(Call call) {
        return LikelyFaults.of(call);
    }

    /**
     * Takes a single step on a new process, which is a fork of this JVM, with these faults.
     *
     * @param step the step
     * @return the report of the step
     * @throws AssertionError if the step does not make the call of the fault
     */
    public StepReport take(Step step) {
        return take(step, ForkedProcess.DEADLINE);
    }

    /**
     * Takes a single step on a new process, as {@link #take(Step)} does.
     *
     * @param step the step
     * @param callTimeout the time limit of a call
     * @return the report of the step
     */
    public StepReport take(Step step, Duration callTimeout) {
        try (var process = ForkedProcess.fork(callTimeout, _ -> {
        }, this)) {
            settle(process);
            StepReport report = step.run(new StepContext(process, ProcessInspector.ofThisSystem()));
            if (isTargeted && !hasStruck()) {
                throw new AssertionError("no fault: " + description + ", but the step made "
                        + calls().stream().filter(call -> call.place() == Place.CHILD).map(Call::function)
                                .toList());
            }
            return report;
        }
    }

    /**
     * Waits until the new process has closed the launcher's descriptors, which it does before its first
     * call. That call is not one of the step.
     */
    private void settle(ForkedProcess process) {
        isSettling = true;
        process.getpid();
        isSettling = false;
    }

    /** Returns all calls until now, executed or not. */
    public synchronized List<Call> calls() {
        return List.copyOf(calls);
    }

    /** Returns whether a call has had a fault, or a process has got its signal. */
    public boolean hasStruck() {
        return hasReplaced || (script instanceof Strike strike && strike.done);
    }

    /** Returns the ids of all processes that were forked until now. */
    public synchronized Set<Integer> forked() {
        return Collections.unmodifiableSet(new LinkedHashSet<>(forked));
    }

    /** Returns the signals to processes that were not forked by the run. These signals have not been sent. */
    public synchronized List<String> violations() {
        return List.copyOf(violations);
    }

    @Override
    public void before(List<CallInterceptor.Call> request) {
        if (isSettling) {
            return;
        }
        script.before(request.stream().map(this::record).toList());
    }

    private synchronized Call record(CallInterceptor.Call intercepted) {
        int ordinal = counts.merge(intercepted.place() + intercepted.function(), 1, Integer::sum) - 1;
        var call = new Call(intercepted.place(), intercepted.function(), ordinal, intercepted.text(),
                intercepted.pid());
        calls.add(call);
        underWay.put(intercepted, call);
        return call;
    }

    private synchronized Call recorded(CallInterceptor.Call intercepted) {
        return Objects.requireNonNull(underWay.get(intercepted));
    }

    @Override
    public Effect effect(CallInterceptor.Call intercepted) {
        if (isSettling) {
            return EXECUTED;
        }
        boolean isForbidden = isForbidden(intercepted);
        Effect effect = isForbidden ? new Effect.Fails(Errno.ESRCH) : script.effect(recorded(intercepted));
        if (!(effect instanceof Effect.Executed)) {
            markReplaced(intercepted, isForbidden);
        }
        return effect;
    }

    private synchronized void markReplaced(CallInterceptor.Call intercepted, boolean isForbidden) {
        replaced.add(intercepted);
        if (!isForbidden) {
            hasReplaced = true;
        }
    }

    private synchronized boolean isForbidden(CallInterceptor.Call call) {
        boolean forbidden = switch (call.function()) {
            case "kill" -> !forked.contains(Math.abs(firstArgument(call.arguments())));
            case "pidfd_send_signal" ->
                !forked.contains(pidfds.getOrDefault(firstArgument(call.arguments()), 0));
            default -> false;
        };
        if (forbidden) {
            violations.add(call.text());
        }
        return forbidden;
    }

    private static int firstArgument(List<String> arguments) {
        return Integer.parseInt(arguments.getFirst());
    }

    @Override
    public void after(List<CallInterceptor.Call> request, List<PosixCall> completed) {
        if (isSettling) {
            return;
        }
        List<Call> executed = forget(request, completed);
        script.after(executed);
    }

    private synchronized List<Call> forget(List<CallInterceptor.Call> request, List<PosixCall> completed) {
        for (int i = 0; i < completed.size(); i++) {
            PosixCall call = completed.get(i);
            if (!replaced.remove(request.get(i)) && call.errno() == null) {
                note(call);
            }
        }
        return request.stream().map(call -> Objects.requireNonNull(underWay.remove(call))).toList();
    }

    /** Notes the process that a call has created, or the process that a pidfd refers to. */
    private void note(PosixCall call) {
        if (call.function().equals("fork")) {
            forked.add(Integer.valueOf(call.result()));
        } else if (call.function().equals("pidfd_open")) {
            pidfds.put(Integer.valueOf(call.result()), firstArgument(call.arguments()));
        }
    }

    /** Returns the fault, for the name of a parameterized test. */
    @Override
    public String toString() {
        return description;
    }
}
