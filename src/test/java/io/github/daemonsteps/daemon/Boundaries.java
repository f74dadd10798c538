package io.github.daemonsteps.daemon;

import io.github.daemonsteps.testkit.Faults;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The boundaries of the calls of a start, counted from 0: one before and one after each call of the launcher and each request to a
 * forked process. The launcher's calls for a request have their boundaries between those of the request.
 */
final class Boundaries implements Faults.Script {

    /** Receives each boundary. */
    interface Visitor {

        /**
         * The start reaches a boundary.
         *
         * @param number the number of the boundary
         * @param place the boundary for messages
         * @param function {@code before} or {@code after}, and the function
         */
        void pass(int number, String place, String function);
    }

    private final Visitor visitor;
    private final AtomicInteger count = new AtomicInteger();

    Boundaries(Visitor visitor) {
        this.visitor = visitor;
    }

    /** Returns the number of boundaries until now. */
    int count() {
        return count.get();
    }

    @Override
    public void before(List<Faults.Call> request) {
        if (!request.isEmpty()) { // a request without calls is not sent
            pass("before ", request.getFirst());
        }
    }

    @Override
    public void after(List<Faults.Call> request) {
        if (!request.isEmpty()) {
            pass("after ", request.getLast());
        }
    }

    private void pass(String side, Faults.Call call) {
        visitor.pass(count.getAndIncrement(), side + call.text() + " of the " + call.place(),
                side + call.function());
    }
}
