package io.github.daemonsteps.ffm;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.github.daemonsteps.ffm.libc.Libc;
import io.github.daemonsteps.ffm.libc.pollfd;
import java.lang.foreign.MemorySegment;

/**
 * A {@code struct pollfd} that waits for input, see poll(2). The events are copied as an array. To link the
 * first access to a short integer takes a JVM 5 to 10 ms, and a start without sockets has no other one.
 */
public final class PollRequest {

    private static final short[] INPUT = {(short) Libc.POLLIN()};

    private PollRequest() {
    }

    /**
     * Writes a request.
     *
     * @param request the memory of the structure
     * @param fd the descriptor; a negative one is skipped
     */
    public static void write(MemorySegment request, int fd) {
        pollfd.fd(request, fd);
        MemorySegment.copy(INPUT, 0, request, JAVA_SHORT, pollfd.events$offset(), 1);
    }

    /** Returns whether poll has found input, an error or the end of the file. */
    static boolean isReady(MemorySegment request) {
        short[] events = {0};
        MemorySegment.copy(request, JAVA_SHORT, pollfd.revents$offset(), events, 0, 1);
        return events[0] != 0;
    }
}
