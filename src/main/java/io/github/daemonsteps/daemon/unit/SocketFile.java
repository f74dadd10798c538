package io.github.daemonsteps.daemon.unit;

import io.github.daemonsteps.posix.CString;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The socket units of a service; see systemd.socket(5). All sockets of one unit have the same name, so each
 * name has a unit of its own.
 */
public final class SocketFile {

    private SocketFile() {
    }

    /**
     * Returns the socket units of a daemon.
     *
     * @param daemon the name of the daemon
     * @param sockets the sockets of all units
     * @return the text of each unit, by the name of its file
     * @throws IllegalArgumentException if an address cannot be written in a unit file
     */
    public static Map<String, CString> of(String daemon, List<UnitSocket> sockets) {
        Map<String, List<UnitSocket>> byUnit = new LinkedHashMap<>();
        for (UnitSocket socket : sockets) {
            byUnit.computeIfAbsent(UnitName.socket(daemon, socket.name()), _ -> new ArrayList<>())
                    .add(socket);
        }
        Map<String, CString> units = new LinkedHashMap<>();
        byUnit.forEach((unit, same) -> units.put(unit, text(daemon, unit, same)));
        return units;
    }

    private static CString text(String daemon, String unit, List<UnitSocket> sockets) {
        var text = new ConfigText();
        text.line("# Save as /etc/systemd/system/" + unit);
        text.line("[Unit]");
        text.line("Description=Sockets of " + ServiceFile.title(daemon));
        text.line("");
        text.line("[Socket]");
        for (UnitSocket socket : sockets) {
            text.setting("ListenStream",
                    UnitQuoting.path("socket address", CString.of(socket.address())));
        }
        String name = sockets.getFirst().name();
        if (!name.isEmpty()) {
            text.setting("FileDescriptorName", UnitQuoting.path("socket name", CString.of(name)));
        }
        text.setting("Service", UnitName.service(daemon));
        text.line("");
        text.line("[Install]");
        text.line("WantedBy=sockets.target");
        return text.text();
    }
}
