package io.github.daemonsteps.ffm;

import io.github.daemonsteps.posix.CallInterceptor;
import io.github.daemonsteps.posix.CallInterceptor.Call;
import io.github.daemonsteps.posix.CallInterceptor.Effect;
import io.github.daemonsteps.posix.CallInterceptor.Place;
import io.github.daemonsteps.posix.Errno;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.IntSupplier;

/** An executor of C calls that asks an interceptor about each call. */
public final class InterceptedExecutor implements CallExecutor {

    private final Place place;
    private final IntSupplier pid;
    private final CallExecutor executor;
    private final CallInterceptor interceptor;

    /**
     * Creates an executor.
     *
     * @param place the process of the calls
     * @param pid supplies the id of that process
     * @param executor executes the calls
     * @param interceptor is asked about each call
     */
    public InterceptedExecutor(Place place, IntSupplier pid, CallExecutor executor,
            CallInterceptor interceptor) {
        this.place = place;
        this.pid = pid;
        this.executor = executor;
        this.interceptor = interceptor;
    }

    @Override
    @SuppressWarnings("MustBeClosedChecker") // the scope closes it
    public CallScope begin() {
        return new InterceptedScope(executor.begin());
    }

    private final class InterceptedScope implements CallScope {

        private final CallScope scope;

        InterceptedScope(CallScope scope) {
            this.scope = scope;
        }

        @Override
        public MemorySegment allocate(long byteSize, long byteAlignment) {
            return scope.allocate(byteSize, byteAlignment);
        }

        @Override
        public void execute(List<NativeCall> calls) {
            if (calls.isEmpty()) {
                return; // a request without calls is not sent
            }
            int process = pid.getAsInt();
            List<Call> request = calls.stream().map(call -> toCall(call, process)).toList();
            interceptor.before(request);
            executeInParts(calls, request);
            interceptor.after(request, calls.stream().filter(NativeCall::isCompleted)
                    .map(NativeCall::toPosixCall).toList());
        }

        /**
         * Executes the calls up to the first that fails. A call with an effect ends a part of the request.
         */
        private void executeInParts(List<NativeCall> calls, List<Call> request) {
            int from = 0;
            for (int i = 0; i < calls.size(); i++) {
                Effect effect = interceptor.effect(request.get(i));
                if (effect instanceof Effect.Executed) {
                    continue;
                }
                boolean isExecuted =
                        effect instanceof Effect.ExecutedButFails
                                || effect instanceof Effect.ExecutedButReturns;
                if (!succeed(calls.subList(from, isExecuted ? i + 1 : i))) {
                    return;
                }
                from = i + 1;
                if (!isExecuted && place != Place.LAUNCHER) {
                    // The process gets a request all the same.
                    scope.execute(List.of(new NativeCall(CFunction.GETPID)));
                }
                complete(calls.get(i), effect);
                if (calls.get(i).failed()) {
                    return;
                }
            }
            succeed(calls.subList(from, calls.size()));
        }

        /** Executes a part of a request, and returns whether all of its calls succeeded. */
        private boolean succeed(List<NativeCall> part) {
            if (part.isEmpty()) {
                return true;
            }
            scope.execute(part);
            return !NativeCall.anyFailed(part);
        }

        @Override
        public void close() {
            scope.close();
        }
    }

    private Call toCall(NativeCall call, int process) {
        return new Call(place, process, call.name(), call.arguments());
    }

    private static void complete(NativeCall call, Effect effect) {
        switch (effect) {
            case Effect.Fails(Errno errno) -> call.complete(-1, errno.number());
            case Effect.ExecutedButFails(Errno errno) -> call.complete(-1, errno.number());
            case Effect.Returns(long result) -> call.complete(result, 0);
            case Effect.ExecutedButReturns(long result) -> call.complete(result, 0);
            case Effect.Executed() -> throw new AssertionError("an executed call has a result of its own");
        }
    }
}
