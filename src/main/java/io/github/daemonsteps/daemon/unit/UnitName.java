package io.github.daemonsteps.daemon.unit;

import io.github.daemonsteps.posix.CString;
import java.util.HexFormat;

/** The names of a daemon's units; see "String escaping for inclusion in unit names" in systemd.unit(5). */
final class UnitName {

    private static final String UNESCAPED = ":_.-";

    private UnitName() {
    }

    /** Returns the name of the daemon's service. */
    static String service(String daemon) {
        return escaped(daemon) + ".service";
    }

    /**
     * Returns the name of a socket unit.
     *
     * @param socket the name of the socket; empty if it has none
     */
    static String socket(String daemon, String socket) {
        return escaped(daemon) + (socket.isEmpty() ? "" : "-" + escaped(socket)) + ".socket";
    }

    private static String escaped(String name) {
        var escaped = new StringBuilder();
        for (byte b : CString.of(name).bytes()) {
            boolean isPlain = (b >= '0' && b <= '9') || (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z')
                    || UNESCAPED.indexOf(b) >= 0;
            escaped.append(isPlain ? String.valueOf((char) b) : "\\x" + HexFormat.of().toHexDigits(b));
        }
        return escaped.toString();
    }
}
