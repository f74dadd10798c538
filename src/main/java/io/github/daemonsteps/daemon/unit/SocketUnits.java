package io.github.daemonsteps.daemon.unit;

import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.SocketAddress;
import io.github.daemonsteps.steps.extra.Listen;
import io.github.daemonsteps.steps.extra.ListenSocket;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The socket units of a service; see systemd.socket(5). All sockets of one unit have the same name, mode and
 * owner, so sockets that differ in these have units of their own.
 */
public final class SocketUnits {

    /** A port of 0 lets the kernel choose. systemd does not accept it. */
    private static final int ANY_PORT = 0;

    private SocketUnits() {
    }

    /**
     * Returns the socket units of a daemon.
     *
     * @return the text of each unit, by the name of its file; empty if no socket is configured
     * @throws IllegalArgumentException if an address cannot be written in a unit file, if an owner does not
     *         exist, or if the sockets conflict
     */
    public static Map<String, CString> of(DaemonConfig config) {
        new Listen(config.sockets().toArray(ListenSocket[]::new)); // throws if the sockets conflict
        Map<SocketSettings, List<ListenSocket>> groups = new LinkedHashMap<>();
        for (ListenSocket socket : config.sockets()) {
            groups.computeIfAbsent(SocketSettings.of(socket, config), _ -> new ArrayList<>()).add(socket);
        }
        Map<String, CString> units = new LinkedHashMap<>();
        groups.forEach((settings, sockets) -> {
            String unit = unusedName(config.name(), settings.name(), units);
            units.put(unit, text(config.name(), unit, settings, sockets));
        });
        return units;
    }

    /** Returns all units as one text. */
    public static CString joined(Map<String, CString> units) {
        CString all = CString.of("");
        for (CString unit : units.values()) {
            all = all.plus(unit);
        }
        return all;
    }

    private static String unusedName(String daemon, String socket, Map<String, CString> units) {
        String name = socket.equals(ListenSocket.UNNAMED) ? "" : socket;
        String unit = UnitName.socket(daemon, name);
        for (int number = 2; units.containsKey(unit); number++) {
            unit = UnitName.socket(daemon, (name.isEmpty() ? "" : name + "-") + number);
        }
        return unit;
    }

    private static CString text(String daemon, String unit, SocketSettings settings,
            List<ListenSocket> sockets) {
        var text = new ConfigText();
        text.line("# Save as /etc/systemd/system/" + unit);
        text.line("[Unit]");
        text.line("Description=Sockets of " + ServiceFile.title(daemon));
        text.line("");
        text.line("[Socket]");
        for (ListenSocket socket : sockets) {
            text.setting("ListenStream", address(socket));
        }
        settings.addTo(text);
        text.setting("Service", UnitName.service(daemon));
        text.line("");
        text.line("[Install]");
        text.line("WantedBy=sockets.target");
        return text.text();
    }

    private static CString address(ListenSocket socket) {
        return switch (socket.address()) {
            case SocketAddress.Inet inet -> {
                if (inet.address().getPort() == ANY_PORT) {
                    throw new IllegalArgumentException("socket " + socket.text()
                            + ": systemd does not choose a port; configure a port above 0");
                }
                yield CString.of(inet.toString());
            }
            case SocketAddress.Unix unix -> UnitQuoting.path("socket", unix.path());
        };
    }
}
