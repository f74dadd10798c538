package io.github.daemonsteps.testkit;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** The message of a failed assertion. */
final class FailureMessage {

    private FailureMessage() {
    }

    /** Returns the whole message of the assertion, which must fail. */
    static String of(ThrowingCallable assertion) {
        return catchThrowableOfType(AssertionError.class, assertion).getMessage();
    }
}
