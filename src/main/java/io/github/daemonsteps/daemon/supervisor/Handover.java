package io.github.daemonsteps.daemon.supervisor;

import io.github.daemonsteps.posix.CString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The messages of a launcher to the supervisor that has started the launcher. From the last message on, the
 * daemon is the main process of the service. systemd needs this message from a service with
 * {@code Type=notify} whose first process exits.
 */
public final class Handover implements Consumer<Duration> {

    /**
     * The time to wait until systemd has read the messages. After the launcher's exit systemd cannot find out
     * which service the launcher belongs to.
     */
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final List<String> warnings = new ArrayList<>();
    private final NotifySocket socket;

    /** Creates the handover to the supervisor with this socket, the value of {@code NOTIFY_SOCKET}. */
    public Handover(CString socket) {
        this.socket = new NotifySocket(socket, warnings::add);
    }

    /** Passes on that the daemon needs this much time from now to become ready. */
    @Override
    public void accept(Duration time) {
        socket.send(Notifier.extension(time));
    }

    /**
     * Tells that the daemon is ready, and is the main process.
     *
     * @param pid the daemon
     * @param message the message of the daemon
     * @return whether the socket has taken the message
     */
    public boolean complete(int pid, String message) {
        String ready = "MAINPID=" + pid + "\nREADY=1";
        if (!socket.send(message.isEmpty() ? ready : ready + "\n" + NotifySocket.status(message))) {
            return false;
        }
        int before = warnings.size();
        if (!socket.barrier(TIMEOUT) && warnings.size() == before) {
            warnings.add("the supervisor has not read the messages within " + TIMEOUT.toSeconds()
                    + " s; it may not know that the daemon is its main process");
        }
        return true;
    }

    /** Returns the failures so far, a line for each kind. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }
}
