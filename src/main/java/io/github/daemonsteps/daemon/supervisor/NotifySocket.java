package io.github.daemonsteps.daemon.supervisor;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Deadline;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.Posix;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.SocketAddress;
import io.github.daemonsteps.posix.SocketFamily;
import io.github.daemonsteps.posix.SocketType;
import io.github.daemonsteps.process.SupervisorVariables;
import io.github.daemonsteps.text.TerminalSafe;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The socket of a supervisor that takes the messages of sd_notify(3). The variable {@code NOTIFY_SOCKET}
 * names the socket: a path, or an abstract address after {@code @}. Each message is a datagram from a socket
 * of its own.
 *
 * <p>No method throws. A message waits at most 2 seconds for space in the queue; {@link #barrier} also waits
 * for its timeout. A failure is logged once for each kind.
 */
public final class NotifySocket {

    /** The time to wait for a supervisor that reads nothing. */
    private static final Duration SEND_TIMEOUT = Duration.ofSeconds(2);

    private static final long RETRY_INTERVAL_NANOS = 10_000_000;

    /**
     * The maximum number of characters of a status. systemd ignores a message of more than 4096 bytes, and a
     * character has up to three in UTF-8.
     */
    private static final int MAX_STATUS = 1024;

    private static final int NO_DESCRIPTOR = -1;

    private final CString name;
    private final Consumer<String> log;
    private final Set<String> logged = new HashSet<>();
    /** False after a wait without success: no message waits until the supervisor has read again. */
    private boolean retries = true;

    /**
     * Creates the socket. No call is made before the first message.
     *
     * @param name the value of the variable
     * @param log receives one line for each kind of failure
     */
    public NotifySocket(CString name, Consumer<String> log) {
        this.name = name;
        this.log = log;
    }

    /** Returns the assignment of a status: one line, which fits into a message. */
    static String status(String text) {
        String line = TerminalSafe.line(text);
        if (line.length() > MAX_STATUS) {
            int end = Character.isHighSurrogate(line.charAt(MAX_STATUS - 1)) ? MAX_STATUS - 1 : MAX_STATUS;
            line = line.substring(0, end) + " ...";
        }
        return "STATUS=" + line;
    }

    /**
     * Sends a message.
     *
     * @param message assignments, each on a line
     * @return whether the socket has taken the message
     */
    synchronized boolean send(String message) {
        try {
            send(NativePosix.get(), message, NO_DESCRIPTOR);
            return true;
        } catch (Throwable e) { // also NoClassDefFoundError and OutOfMemoryError: the daemon must continue
            logOnce(e);
            return false;
        }
    }

    /**
     * Waits until the supervisor has taken all messages before this one from its queue. The
     * supervisor closes a descriptor that it gets with the message. See sd_notify_barrier(3).
     *
     * @return whether the supervisor has done so in time
     */
    synchronized boolean barrier(Duration timeout) {
        try {
            NativePosix posix = NativePosix.get();
            Posix.Pipe pipe = posix.pipe2(Set.of(OpenFlag.O_CLOEXEC));
            try {
                try {
                    send(posix, "BARRIER=1", pipe.writeEnd());
                } finally {
                    posix.closeQuietly(pipe.writeEnd());
                }
                return posix.poll(Deadline.in(timeout), pipe.readEnd()) == 0;
            } finally {
                posix.closeQuietly(pipe.readEnd());
            }
        } catch (Throwable e) { // as in send
            logOnce(e);
            return false;
        }
    }

    /** Returns the time of CLOCK_MONOTONIC in microseconds; empty if it cannot be read. */
    synchronized OptionalLong monotonicMicros() {
        try {
            return OptionalLong.of(NativePosix.get().monotonicMicros());
        } catch (Throwable e) { // as in send
            logOnce(e);
            return OptionalLong.empty();
        }
    }

    /** Sends a message from a new socket, so that no descriptor is kept. */
    private void send(NativePosix posix, String message, int passed) {
        SocketAddress.Unix address = address();
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        int socket = posix.socket(SocketFamily.AF_UNIX, SocketType.SOCK_DGRAM);
        boolean wasInterrupted = Thread.interrupted(); // a pause would end at once
        try {
            send(posix, socket, address, bytes, passed);
        } finally {
            posix.closeQuietly(socket);
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Sends a message, and tries again while the queue of the receiver is full. poll(2) does not show when
     * there is space in the queue, since the socket is not connected.
     */
    private void send(NativePosix posix, int socket, SocketAddress.Unix address, byte[] bytes, int passed) {
        long until = Deadline.in(SEND_TIMEOUT);
        while (true) {
            try {
                posix.sendmsg(socket, address, bytes, passed);
                retries = true;
                return;
            } catch (PosixException e) {
                boolean again = e.errno().equals(Errno.EAGAIN) || e.errno().equals(Errno.EINTR);
                if (!again || !retries || System.nanoTime() - until >= 0) {
                    retries &= !again;
                    throw e;
                }
                LockSupport.parkNanos(RETRY_INTERVAL_NANOS);
            }
        }
    }

    private SocketAddress.Unix address() {
        boolean isUnix = name.isAbsolutePath() || name.startsWith(CString.of("@"));
        if (!isUnix || name.length() == 1) {
            throw new IllegalArgumentException("neither an absolute path nor @NAME");
        }
        return new SocketAddress.Unix(name);
    }

    private void logOnce(Throwable e) {
        String kind = e instanceof PosixException failed ? failed.errno().name() : e.getClass().getName();
        if (logged.add(kind)) {
            log.accept(SupervisorVariables.NOTIFY_SOCKET + " " + name.quoted() + ": "
                    + (e.getMessage() == null ? e.getClass().getName() : e.getMessage())
                    + "; the supervisor does not get the message");
        }
    }
}
