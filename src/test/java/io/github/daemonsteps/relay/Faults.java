package io.github.daemonsteps.relay;

import io.github.daemonsteps.ffm.CFunction;
import io.github.daemonsteps.ffm.CallExecutor;
import io.github.daemonsteps.ffm.NativeCall;
import io.github.daemonsteps.ffm.NativeExecutor;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.PosixCall;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Stands between the steps and the places of C calls: this process and the forked ones. Sees each call
 * before it is made, and can let it fail, return nonsense, or do something before or after it.
 *
 * <p>Never passes a signal to a process that was not forked through it.
 */
public final class Faults {

    /** The place of a call. */
    public enum Where {
        /** In this process. */
        LAUNCHER,
        /** In the process that takes the steps. */
        CHILD,
        /** In the session leader that stays. */
        LEADER
    }

    /**
     * A call.
     *
     * @param where the place of the call
     * @param function the C function, or the system call
     * @param ordinal the number of calls of the function there before
     * @param text the call for messages
     * @param process the process that makes the call
     */
    public record Call(Where where, String function, int ordinal, String text, int process) {

        /** Returns whether this is the same call in another start. */
        public boolean isSame(Call other) {
            return where == other.where && ordinal == other.ordinal && function.equals(other.function);
        }
    }

    /** The effect of a fault on a call. */
    public sealed interface Effect {

        /** The call is made. */
        record Made() implements Effect {}

        /**
         * The call is not made, and fails.
         *
         * @param errno the errno
         */
        record Fails(Errno errno) implements Effect {}

        /**
         * The call is made and fails, as close(2) does.
         *
         * @param errno the errno
         */
        record MadeButFails(Errno errno) implements Effect {}

        /**
         * The call is not made, and returns a value.
         *
         * @param result the value
         */
        record Returns(long result) implements Effect {}

        /**
         * The call is made, and returns another value.
         *
         * @param result the value
         */
        record MadeButReturns(long result) implements Effect {}
    }

    /** Chooses the effects. */
    public interface Script {

        /** Returns the effect on a call. */
        default Effect effect(Call call) {
            return new Effect.Made();
        }

        /** Called just before calls are made. Those of a forked process are one request. */
        default void before(List<Call> request) {
        }

        /** Called just after the calls have been made. */
        default void after(List<Call> request) {
        }
    }

    private final Script script;
    private final NativePosix posix;
    private final List<Call> calls = new ArrayList<>();
    private final Map<String, Integer> counts = new HashMap<>();
    private final Set<Integer> forked = new LinkedHashSet<>();
    private final Map<Integer, Integer> pidfds = new TreeMap<>();
    private final List<String> violations = new ArrayList<>();

    /** Creates the faults of a script. */
    public Faults(Script script) {
        this.script = script;
        this.posix = new NativePosix(new Between(Where.LAUNCHER, new NativeExecutor()));
    }

    /** Returns the C library in this process. */
    public NativePosix posix() {
        return posix;
    }

    /** Forks this process, as {@link ForkedProcess#fork(Duration, Consumer)} does. */
    public ForkedProcess fork(Duration deadline, Consumer<PosixCall> listener) {
        var through = new UnaryOperator<CallExecutor>() {
            private Where where = Where.CHILD;

            @Override
            public CallExecutor apply(CallExecutor channel) {
                var between = new Between(where, channel);
                where = Where.LEADER;
                return between;
            }
        };
        return RelayedProcess.fork(posix, through, deadline, listener);
    }

    /** Returns all calls until now, made or not. */
    public synchronized List<Call> calls() {
        return List.copyOf(calls);
    }

    /** Returns all forked processes. */
    public synchronized Set<Integer> forked() {
        return Collections.unmodifiableSet(new LinkedHashSet<>(forked));
    }

    /** Returns the signals to other processes, which were not sent. */
    public synchronized List<String> violations() {
        return List.copyOf(violations);
    }

    private synchronized Call see(Where where, NativeCall call, int process) {
        int ordinal = counts.merge(where + call.name(), 1, Integer::sum) - 1;
        var seen = new Call(where, call.name(), ordinal, call.text(), process);
        calls.add(seen);
        return seen;
    }

    private synchronized boolean isForbidden(NativeCall call) {
        int target = (int) call.words()[call.function() == CFunction.SYSCALL ? 1 : 0];
        boolean forbidden = switch (call.name()) {
            case "kill" -> !forked.contains(Math.abs(target));
            case "pidfd_send_signal" -> !forked.contains(pidfds.getOrDefault(target, 0));
            default -> false;
        };
        if (forbidden) {
            violations.add(call.text());
        }
        return forbidden;
    }

    private synchronized void note(NativeCall call) {
        if (!call.isCompleted() || call.failed()) {
            return;
        }
        if (call.function() == CFunction.FORK) {
            forked.add((int) call.result());
        } else if (call.name().equals("pidfd_open")) {
            pidfds.put((int) call.result(), (int) call.words()[1]);
        }
    }

    private final class Between implements CallExecutor {

        private final Where where;
        private final CallExecutor place;

        Between(Where where, CallExecutor place) {
            this.where = where;
            this.place = place;
        }

        private int process() {
            return place instanceof RelayChannel channel
                    ? channel.pid()
                    : (int) ProcessHandle.current().pid();
        }

        @Override
        @SuppressWarnings("MustBeClosedChecker") // the scope closes it
        public CallScope begin() {
            return new Through(place.begin());
        }

        private final class Through implements CallScope {

            private final CallScope real;

            Through(CallScope real) {
                this.real = real;
            }

            @Override
            public MemorySegment allocate(long byteSize, long byteAlignment) {
                return real.allocate(byteSize, byteAlignment);
            }

            @Override
            public void execute(List<NativeCall> request) {
                if (request.isEmpty()) {
                    return; // a request without calls is not sent
                }
                int process = process();
                List<Call> seen = request.stream().map(call -> see(where, call, process)).toList();
                script.before(seen);
                int from = 0;
                for (int i = 0; i < request.size(); i++) {
                    NativeCall call = request.get(i);
                    Effect effect = isForbidden(call)
                            ? new Effect.Fails(Errno.ESRCH)
                            : script.effect(seen.get(i));
                    if (effect instanceof Effect.Made) {
                        continue;
                    }
                    boolean making =
                            effect instanceof Effect.MadeButFails || effect instanceof Effect.MadeButReturns;
                    if (!made(request.subList(from, making ? i + 1 : i))) {
                        script.after(seen);
                        return;
                    }
                    from = i + 1;
                    if (!making && where != Where.LAUNCHER) {
                        real.execute(List.of(new NativeCall(CFunction.GETPID))); // the process gets a request all the same
                    }
                    switch (effect) {
                        case Effect.Fails fails -> call.complete(-1, fails.errno().number());
                        case Effect.MadeButFails fails -> call.complete(-1, fails.errno().number());
                        case Effect.Returns returns -> call.complete(returns.result(), 0);
                        case Effect.MadeButReturns returns -> call.complete(returns.result(), 0);
                        case Effect.Made _ -> throw new AssertionError();
                    }
                    if (call.failed()) {
                        script.after(seen);
                        return;
                    }
                }
                made(request.subList(from, request.size()));
                script.after(seen);
            }

            private boolean made(List<NativeCall> some) {
                if (some.isEmpty()) {
                    return true;
                }
                real.execute(some);
                some.forEach(Faults.this::note);
                return some.stream().noneMatch(NativeCall::failed);
            }

            @Override
            public void close() {
                real.close();
            }
        }
    }
}
