package io.github.daemonsteps.daemon.run;

import io.github.daemonsteps.daemon.InheritedSocket;
import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.daemon.start.PassedSocket;
import io.github.daemonsteps.daemon.start.StdinSocket;
import io.github.daemonsteps.posix.SocketAddress;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.steps.extra.BoundSockets;
import io.github.daemonsteps.steps.extra.ListenSocket;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The sockets of this process, as its application sees them. */
final class DaemonSockets {

    private DaemonSockets() {
    }

    /**
     * Returns the listening sockets that this process has inherited, and those that it has bound. If there
     * are none, a supervisor may have made a socket descriptor 0 alone.
     *
     * @param config the configuration, which may have a name for that socket
     * @param foreground the sockets that this process has bound; null for none
     * @param log receives a line if a descriptor was not inherited
     */
    static List<InheritedSocket> of(DaemonConfig config, @Nullable ForegroundSockets foreground,
            Consumer<String> log) {
        List<String> warnings = new ArrayList<>();
        List<InheritedSocket> sockets = new ArrayList<>();
        for (PassedSocket passed : PassedSocket.all(Environment.inherited(), warnings)) {
            SocketAddress address = passed.address();
            if (address != null) {
                sockets.add(new InheritedSocket(passed.name(), passed.descriptor(), ofJava(address)));
            }
        }
        if (foreground != null) {
            for (BoundSockets.Bound bound : foreground.sockets()) {
                sockets.add(new InheritedSocket(bound.name(), bound.descriptor(), ofJava(bound.address())));
            }
        }
        if (sockets.isEmpty()) {
            StdinSocket.address().ifPresent(
                    address -> sockets.add(new InheritedSocket(nameOnStdin(config), 0, ofJava(address))));
        }
        warnings.forEach(log);
        return List.copyOf(sockets);
    }

    private static String nameOnStdin(DaemonConfig config) {
        return config.socketOnStdin() && config.sockets().size() == 1
                ? config.sockets().getFirst().name()
                : ListenSocket.UNNAMED;
    }

    private static java.net.SocketAddress ofJava(SocketAddress address) {
        return switch (address) {
            case SocketAddress.Inet inet -> inet.address();
            case SocketAddress.Unix unix -> unix.isAbstract()
                    ? UnixDomainSocketAddress.of(unix.path().toString())
                    : UnixDomainSocketAddress.of(unix.path().toPath());
        };
    }
}
