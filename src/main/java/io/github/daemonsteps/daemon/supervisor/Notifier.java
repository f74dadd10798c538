package io.github.daemonsteps.daemon.supervisor;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Deadline;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.process.SupervisorVariables;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a daemon to its supervisor. {@code READY=1} and reloads are not sent after the stop has
 * begun, and reloads are not sent before the daemon is ready.
 *
 * <p>By default systemd takes messages of the main process alone. A daemon that a launcher starts becomes the
 * main process when the launcher says so. The messages of the daemon are held until then.
 */
public final class Notifier {

    private static final String READY = "READY=1";

    private final NotifySocket socket;
    private final Watchdog watchdog;
    /** The messages that are held; null if messages are sent at once. */
    private @Nullable List<String> held;
    private boolean isReady;
    private boolean isReloading;
    private boolean isStopping;

    Notifier(NotifySocket socket, long watchdogNanos, boolean sendsAtOnce, Consumer<String> log) {
        this.socket = socket;
        this.watchdog = new Watchdog(watchdogNanos, this::ping, log);
        this.held = sendsAtOnce ? null : new ArrayList<>();
    }

    /**
     * Creates the notifier of this process, whose environment must have {@code NOTIFY_SOCKET}.
     *
     * @param sendsAtOnce whether messages are sent at once, and not held
     * @param log receives one line for each kind of failure
     */
    public static Notifier ofThisProcess(boolean sendsAtOnce, Consumer<String> log) {
        CString name = Environment.inherited().get(SupervisorVariables.NOTIFY_SOCKET).orElse(CString.of(""));
        long interval = Watchdog.intervalNanos(System.getenv(SupervisorVariables.WATCHDOG_USEC),
                System.getenv(SupervisorVariables.WATCHDOG_PID),
                ProcessHandle.current().pid(), log);
        return new Notifier(new NotifySocket(name, log), interval, sendsAtOnce, log);
    }

    /** Sends the messages that are held, and holds none from now on. */
    public synchronized void sendHeld() {
        List<String> messages = held == null ? List.of() : held;
        held = null;
        for (String message : messages) {
            socket.send(message);
        }
    }

    /** Reports that the daemon is ready, and starts the watchdog. */
    public synchronized void ready(String message) {
        if (isStopping || isReady) {
            return;
        }
        isReady = true;
        send(message.isEmpty() ? READY : READY + "\n" + NotifySocket.status(message));
        watchdog.start();
    }

    /** Reports the state of the daemon, for people. */
    public synchronized void status(String text) {
        send(NotifySocket.status(text));
    }

    /** Reports that the daemon needs this much time from now, to become ready or to stop. */
    public synchronized void extendTimeout(Duration time) {
        send(extension(time));
    }

    static String extension(Duration time) {
        return "EXTEND_TIMEOUT_USEC=" + TimeUnit.MILLISECONDS.toMicros(Deadline.capped(time).toMillis());
    }

    /** Reports that a reload begins, if the daemon is ready. */
    public synchronized void reloading() {
        if (!isReady || isStopping) {
            return;
        }
        OptionalLong now = socket.monotonicMicros();
        if (now.isPresent()) {
            isReloading = true;
            send("RELOADING=1\nMONOTONIC_USEC=" + now.getAsLong());
        }
    }

    /** Reports that the reload is done. */
    public synchronized void reloaded() {
        if (isReloading && !isStopping) {
            send(READY);
        }
        isReloading = false;
    }

    /** Reports that the stop begins. */
    public synchronized void stopping() {
        isStopping = true;
        send("STOPPING=1");
    }

    /** Sets the health check of the watchdog. */
    public void watchdog(BooleanSupplier isHealthy) {
        watchdog.check(isHealthy);
    }

    private synchronized void ping() {
        if (held == null) {
            socket.send("WATCHDOG=1");
        }
    }

    private void send(String message) {
        if (held == null) {
            socket.send(message);
        } else {
            if (message.startsWith("STATUS=") && !held.isEmpty() && held.getLast().startsWith("STATUS=")) {
                held.removeLast();
            }
            held.add(message);
        }
    }
}
