package io.github.daemonsteps.daemon;

import io.github.daemonsteps.relay.Faults;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The boundaries of the calls of a start, counted from 0: one before and one behind each that the launcher makes, and each
 * request to a forked process. The launcher's own calls that a request takes have theirs in between.
 */
final class Boundaries implements Faults.Script {

    /** Is told of each. */
    interface Visitor {

        /**
         * One is passed.
         *
         * @param number the how many-th
         * @param place which it is, for people
         * @param function the function, of which this is the boundary
         */
        void pass(int number, String place, String function);
    }

    private final Visitor visitor;
    private final AtomicInteger count = new AtomicInteger();

    Boundaries(Visitor visitor) {
        this.visitor = visitor;
    }

    /** How many have been passed. */
    int count() {
        return count.get();
    }

    @Override
    public void before(List<Faults.Call> request) {
        if (!request.isEmpty()) { // as when there is no signal to ignore
            pass("before ", request.getFirst());
        }
    }

    @Override
    public void after(List<Faults.Call> request) {
        if (!request.isEmpty()) {
            pass("behind ", request.getLast());
        }
    }

    private void pass(String side, Faults.Call call) {
        visitor.pass(count.getAndIncrement(), side + call.text() + " of the " + call.where(),
                side + call.function());
    }
}
