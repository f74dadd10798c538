package io.github.daemonsteps.steps;

import io.github.daemonsteps.posix.PosixCall;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The calls of one step, in order. After {@link #end} further calls are ignored. */
final class CallLog implements Consumer<PosixCall> {

    private final List<PosixCall> calls = new ArrayList<>();
    private boolean ended;

    @Override
    public void accept(PosixCall call) {
        if (!ended) {
            calls.add(call);
        }
    }

    /** Ends the step. */
    void end() {
        ended = true;
    }

    List<PosixCall> calls() {
        return calls;
    }
}
