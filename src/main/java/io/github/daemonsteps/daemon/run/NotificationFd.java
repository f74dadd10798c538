package io.github.daemonsteps.daemon.run;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.StandardDescriptors;
import io.github.daemonsteps.steps.CloseDescriptors;
import io.github.daemonsteps.steps.StepOutcome;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The descriptor on which a supervisor waits for a newline, as s6-supervise(8) does. The newline says that
 * the process is ready.
 *
 * @param fd the descriptor
 */
record NotificationFd(int fd) {

    static final String OPTION = "--notification-fd";

    private static final byte[] NEWLINE = "\n".getBytes(StandardCharsets.US_ASCII);

    /** Returns why the descriptor cannot be used; empty if it can. */
    Optional<String> problem() {
        if (StandardDescriptors.contains(fd)) {
            return Optional.of("not above 2; give the one that the supervisor has opened");
        }
        try {
            return CloseDescriptors.checkInherited(fd) instanceof StepOutcome.Done
                    ? Optional.empty()
                    : Optional.of("not inherited; give the one that the supervisor has opened");
        } catch (PosixException e) {
            return Optional.of("not open; give the one that the supervisor has opened");
        }
    }

    /** Writes the newline, and closes the descriptor. */
    void send() {
        NativePosix posix = NativePosix.get();
        try {
            posix.write(fd, NEWLINE);
        } finally {
            posix.closeQuietly(fd);
        }
    }
}
