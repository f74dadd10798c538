package io.github.daemonsteps.posix;

import java.util.List;

/**
 * Sees each call of the C library before and after the call is executed, and can replace its execution.
 * With an interceptor a test can let any call fail, in the launcher and in the forked processes, and can
 * check what is left afterwards. The test kit has an interceptor for the usual faults.
 *
 * <p>Calls of a forked process are executed in requests of one call or a few. An interceptor is called by
 * the thread that makes the request, while no other thread can use the process.
 *
 * <p>An interceptor must not throw: the library cannot tell then whether the call was executed, and may
 * leave a process or a descriptor. A false result is taken for true: a false address, as of mmap, crashes
 * this JVM.
 */
public interface CallInterceptor {

    /** The process that executes a call. */
    enum Place {
        /** This process. */
        LAUNCHER,
        /** The process that takes the steps. */
        CHILD,
        /** The session leader, if it stays after its fork. */
        LEADER
    }

    /**
     * A call that is about to be executed.
     *
     * @param place the process that executes the call
     * @param pid the id of that process
     * @param function the name of the C function, or of the system call
     * @param arguments the arguments as in C, see {@link PosixCall}
     */
    record Call(Place place, int pid, String function, List<String> arguments) {

        /** Keeps an unmodifiable copy of the arguments. */
        public Call {
            arguments = List.copyOf(arguments);
        }

        /** Returns the call as in C: {@code chdir("/")}. */
        public String text() {
            return function + "(" + String.join(", ", arguments) + ")";
        }
    }

    /** The effect of an interceptor on a call. */
    sealed interface Effect {

        /** The call is executed. */
        record Executed() implements Effect {}

        /**
         * The call is not executed, and fails.
         *
         * @param errno the errno
         */
        record Fails(Errno errno) implements Effect {}

        /**
         * The call is executed and fails all the same, as close(2) does.
         *
         * @param errno the errno
         */
        record ExecutedButFails(Errno errno) implements Effect {}

        /**
         * The call is not executed, and returns a value.
         *
         * @param result the value
         */
        record Returns(long result) implements Effect {}

        /**
         * The call is executed, and returns another value.
         *
         * @param result the value
         */
        record ExecutedButReturns(long result) implements Effect {}
    }

    /**
     * Returns the effect on a call. By default the call is executed.
     *
     * @param call the call
     * @return the effect
     */
    default Effect effect(Call call) {
        return new Effect.Executed();
    }

    /**
     * Receives a request before its calls are executed.
     *
     * @param request the calls, in order
     */
    default void before(List<Call> request) {
    }

    /**
     * Receives a request after its calls have been executed.
     *
     * @param request the calls, in order
     * @param completed the completed calls with their results; a call that fails is the last
     */
    default void after(List<Call> request, List<PosixCall> completed) {
    }
}
