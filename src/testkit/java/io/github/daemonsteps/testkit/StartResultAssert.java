package io.github.daemonsteps.testkit;

import io.github.daemonsteps.daemon.StartResult;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.process.ProcessState;
import org.assertj.core.api.AbstractAssert;

/**
 * Assertions on the result of a start. The message for a failed start also has the end of the daemon's log.
 */
public final class StartResultAssert extends AbstractAssert<StartResultAssert, StartResult> {

    StartResultAssert(StartResult actual) {
        super(actual, StartResultAssert.class);
    }

    /** Verifies that the daemon has been started, and is ready. */
    public StartResultAssert isStarted() {
        isNotNull();
        return expect("to be started", actual instanceof StartResult.Started);
    }

    /** Verifies that the daemon ran already, or was being started already. */
    public StartResultAssert isAlreadyRunning() {
        isNotNull();
        return expect("to run already", actual instanceof StartResult.AlreadyRunning);
    }

    /** Verifies that the daemon could not be started. */
    public StartResultAssert hasFailed() {
        isNotNull();
        return expect("not to be started", actual instanceof StartResult.Failed);
    }

    /**
     * Verifies that the start failed because a call failed with this errno; see errno(3).
     *
     * @param errno the errno
     */
    public StartResultAssert failedWith(Errno errno) {
        isNotNull();
        if (actual instanceof StartResult.Failed failed && !errno.equals(failed.errno())) {
            String fact = failed.errno() == null ? "no call failed" : "the errno is " + failed.errno().name();
            fail("to fail with " + errno.name(), fact + ": " + reason(failed));
        }
        return expect("to fail with " + errno.name(), actual instanceof StartResult.Failed);
    }

    /**
     * Verifies that the start failed for a reason that contains this text.
     *
     * @param text a part of {@link StartResult.Failed#reason}
     */
    public StartResultAssert hasReason(String text) {
        isNotNull();
        return expect("to fail for a reason that contains '" + text + "'",
                actual instanceof StartResult.Failed failed && failed.reason().contains(text));
    }

    /**
     * Verifies the message of the result.
     *
     * @param message the whole line, as of {@link StartResult#message}
     */
    public StartResultAssert hasMessage(String message) {
        isNotNull();
        if (!actual.message().equals(message)) {
            fail("to have the message '" + message + "'", "the message is '" + actual.message() + "'");
        }
        return this;
    }

    /**
     * Verifies what the daemon told its launcher when it became ready.
     *
     * @param text the daemon's own message; empty for none
     */
    public StartResultAssert hasReadyText(String text) {
        isNotNull();
        if (actual instanceof StartResult.Started started && !started.text().equals(text)) {
            fail("to be ready with the text '" + text + "'", "the text is '" + started.text() + "'");
        }
        return expect("to be ready with the text '" + text + "'", actual instanceof StartResult.Started);
    }

    /** Verifies that the result does not have warnings. */
    public StartResultAssert hasNoWarnings() {
        isNotNull();
        if (!actual.warnings().isEmpty()) {
            fail("to start without a warning",
                    "the warnings are:\n  - " + String.join("\n  - ", actual.warnings()));
        }
        return this;
    }

    /**
     * Verifies the process of the daemon, which has been started or runs already.
     *
     * @param pid the process id
     */
    public StartResultAssert hasPid(int pid) {
        int running = pid("to be process " + pid);
        if (running != pid) {
            fail("to be process " + pid, "its pid is " + running);
        }
        return this;
    }

    /**
     * Returns an assertion on the process of the daemon, which has been started or runs already. The state is
     * that of now.
     */
    public ProcessStateAssert process() {
        return new ProcessStateAssert(ProcessState.of(pid("to have a process"))).as("%s", descriptionText());
    }

    private int pid(String expectation) {
        isNotNull();
        return switch (actual) {
            case StartResult.Started started -> started.pid();
            case StartResult.AlreadyRunning running -> running.pid();
            case StartResult.Failed failed -> throw failure("%s", message(expectation, outcome()));
        };
    }

    private StartResultAssert expect(String expectation, boolean holds) {
        if (!holds) {
            fail(expectation, outcome());
        }
        return this;
    }

    private String outcome() {
        return switch (actual) {
            case StartResult.Started started -> "it was started, pid " + started.pid();
            case StartResult.AlreadyRunning running -> running.starting()
                    ? "it is being started already, pid " + running.pid()
                    : "it runs already, pid " + running.pid();
            case StartResult.Failed failed -> "the start failed: " + reason(failed);
        };
    }

    /** Returns the reason, and the end of the log on more lines. */
    private static String reason(StartResult.Failed failed) {
        var text = new StringBuilder(failed.reason());
        failed.details().forEach(line -> text.append('\n').append(line));
        return text.toString();
    }

    private void fail(String expectation, String fact) {
        failWithMessage("%s", message(expectation, fact));
    }

    private String message(String expectation, String fact) {
        return "expected daemon " + actual.name() + " " + expectation + ", but " + fact;
    }
}
