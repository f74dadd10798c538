package io.github.daemonsteps.daemon.start;

import io.github.daemonsteps.daemon.StartResult;

/** Ends a start with a result. */
final class StartRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1;
    private final transient StartResult result;
    private final String reason;

    StartRefusedException(StartResult result) {
        super(result.message());
        this.result = result;
        this.reason = result instanceof StartResult.Failed failed ? failed.reason() : result.message();
    }

    /** Returns the reason, without the name of the daemon if the message has one. */
    @Override
    public String getMessage() {
        return reason;
    }

    StartResult result() {
        return result;
    }
}
