package io.github.daemonsteps.steps.extra;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.SocketAddress;
import io.github.daemonsteps.process.UserIdentity;
import io.github.daemonsteps.text.AsciiNumber;
import io.github.daemonsteps.text.TerminalSafe;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A listening stream socket that a program inherits. {@link #parse(String)} reads the text form.
 *
 * @param name the name in {@code LISTEN_FDNAMES}: letters, digits, dots, hyphens and underscores
 * @param address the address; a port of 0 lets the kernel choose
 * @param mode the permissions of the file of a Unix socket, whatever the umask is; null: 0660
 * @param user the owner of that file, a name or a number; null: the user of the program
 * @param group the group of that file, a name or a number; null: that of the user, or of the program
 * @see <a href="https://man7.org/linux/man-pages/man3/sd_listen_fds.3.html">sd_listen_fds(3)</a>
 */
public record ListenSocket(String name, SocketAddress address, @Nullable FileMode mode,
        @Nullable CString user, @Nullable CString group) {

    /** The name of a socket that was not given one, as in sd_listen_fds_with_names(3). */
    public static final String UNNAMED = "unknown";

    /** The permissions of the file of a Unix socket that was not given others. */
    public static final FileMode DEFAULT_MODE = FileMode.of(0660);

    private static final int MAX_PORT = 65_535;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,255}");
    private static final Pattern IPV4 = Pattern.compile("([0-9]{1,3}(?:\\.[0-9]{1,3}){3}):([0-9]{1,5})");
    private static final Pattern IPV6 = Pattern.compile("\\[([0-9A-Fa-f:.]+)\\]:([0-9]{1,5})");
    private static final Pattern PORT = Pattern.compile(":?([0-9]{1,5})");

    private static final Path IPV6_INTERFACES = Path.of("/proc/net/if_inet6");

    /**
     * @throws IllegalArgumentException if the name or the path is not valid, or if a socket without a file
     *         has a mode, user or group
     */
    public ListenSocket {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("socket name " + CString.of(name).quoted()
                    + ": invalid; give up to 255 letters, digits, dots, hyphens and underscores");
        }
        if (address instanceof SocketAddress.Unix unix) {
            requireValid(unix);
        }
        if (!isFile(address) && (mode != null || user != null || group != null)) {
            throw new IllegalArgumentException("socket " + text(address)
                    + ": has no file for a mode, user or group; leave them out");
        }
        if (mode != null && mode.bits() > 0777) {
            throw new IllegalArgumentException(
                    "socket mode " + mode + ": invalid; give octal digits up to 0777");
        }
    }

    private static void requireValid(SocketAddress.Unix unix) {
        CString path = unix.path();
        if (!unix.isAbstract() && (!path.isAbsolutePath() || path.fileName().length() == 0)) {
            throw new IllegalArgumentException("socket path " + path.quoted()
                    + ": invalid; give the absolute path of a file, or @NAME for an abstract address");
        }
        if (unix.isAbstract() && path.length() == 1) {
            throw new IllegalArgumentException("abstract socket address \"@\": empty; give a name after @");
        }
    }

    /**
     * Creates a socket without a name, with the defaults.
     *
     * @param address the address
     */
    public ListenSocket(SocketAddress address) {
        this(UNNAMED, address, null, null, null);
    }

    /**
     * Parses {@code [NAME=]ADDRESS}. The address is one of these:
     *
     * <ul>
     * <li>{@code 127.0.0.1:80}, {@code 0.0.0.0:80}: IPv4;
     * <li>{@code [::1]:80}, {@code [::]:80}: IPv6. {@code [::]} also serves IPv4, unless the system setting
     * {@code net.ipv6.bindv6only} is 1;
     * <li>{@code 80} or {@code :80}: {@code [::]:80}, or {@code 0.0.0.0:80} on a system without IPv6;
     * <li>{@code /run/app.sock[,mode=OCTAL][,user=NAME][,group=NAME]}: a Unix socket;
     * <li>{@code @app}: an abstract Unix socket, which has no file.
     * </ul>
     *
     * <p>Names of hosts are not looked up.
     *
     * @param text the text
     * @return the socket
     * @throws IllegalArgumentException if the text has another form
     */
    public static ListenSocket parse(String text) {
        return parse(CString.of(text));
    }

    /**
     * Parses the bytes of such a text: see {@link #parse(String)}.
     *
     * @param text the text
     * @return the socket
     * @throws IllegalArgumentException if the text has another form
     */
    public static ListenSocket parse(CString text) {
        // A character for each byte: a path need not be text.
        String all = new String(text.bytes(), StandardCharsets.ISO_8859_1);
        int equals = endOfName(all);
        String name = equals < 0 ? UNNAMED : all.substring(0, equals);
        String[] words = all.substring(equals + 1).split(",", -1);
        FileMode mode = null;
        CString user = null;
        CString group = null;
        for (int i = 1; i < words.length; i++) {
            if (words[i].startsWith("mode=")) {
                mode = mode(words[i].substring("mode=".length()), text);
            } else if (words[i].startsWith("user=")) {
                user = nonEmpty(words[i].substring("user=".length()), text);
            } else if (words[i].startsWith("group=")) {
                group = nonEmpty(words[i].substring("group=".length()), text);
            } else {
                throw invalid(text, "unknown setting " + bytes(words[i]).quoted()
                        + "; after a comma give mode=OCTAL, user=NAME or group=NAME");
            }
        }
        return new ListenSocket(name, address(words[0], text), mode, user, group);
    }

    /** Returns the index of the equals sign after a name; -1 if the text begins with the address. */
    private static int endOfName(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '=') {
                return i;
            } else if (c == '/' || c == '@' || c == '[' || c == ':' || c == ',') {
                return -1;
            }
        }
        return -1;
    }

    private static FileMode mode(String octal, CString text) {
        try {
            return FileMode.parse(octal);
        } catch (IllegalArgumentException e) {
            throw invalid(text, "invalid mode " + bytes(octal).quoted() + "; give octal digits up to 0777");
        }
    }

    private static CString nonEmpty(String value, CString text) {
        if (value.isEmpty()) {
            throw invalid(text, "an empty user or group; give a name or a number");
        }
        return bytes(value);
    }

    private static SocketAddress address(String address, CString text) {
        if (address.startsWith("/") || address.startsWith("@")) {
            return new SocketAddress.Unix(bytes(address));
        }
        Matcher inet = IPV4.matcher(address);
        if (inet.matches()) {
            return inet(false, inet.group(1), inet.group(2), text);
        }
        inet = IPV6.matcher(address);
        if (inet.matches()) {
            return inet(true, inet.group(1), inet.group(2), text);
        }
        Matcher port = PORT.matcher(address);
        if (port.matches()) {
            boolean hasIpv6 = Files.exists(IPV6_INTERFACES);
            return inet(hasIpv6, hasIpv6 ? "::" : "0.0.0.0", port.group(1), text);
        }
        throw invalid(text, "invalid address; give a numeric one, such as 127.0.0.1:80 or [::1]:80,"
                + " a port, an absolute path or @NAME (names of hosts are not looked up)");
    }

    private static SocketAddress inet(boolean isIpv6, String literal, String digits, CString text) {
        int port = AsciiNumber.parseInt(digits);
        if (port > MAX_PORT) {
            throw invalid(text, "invalid port " + port + "; give 0 to " + MAX_PORT);
        }
        InetAddress address;
        try {
            address = isIpv6 ? Inet6Address.ofLiteral(literal) : Inet4Address.ofLiteral(literal);
        } catch (IllegalArgumentException e) {
            throw invalid(text, "invalid address; give a numeric one, such as 127.0.0.1:80 or [::1]:80");
        }
        return new SocketAddress.Inet(new InetSocketAddress(address, port));
    }

    private static CString bytes(String latin1) {
        return CString.ofBytes(latin1.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static IllegalArgumentException invalid(CString text, String why) {
        return new IllegalArgumentException("listen address " + text.quoted() + ": " + why);
    }

    /** Returns the permissions of the socket's file. */
    public FileMode fileMode() {
        return mode == null ? DEFAULT_MODE : mode;
    }

    /**
     * Returns the owner of the socket's file.
     *
     * @param program the user of the program; null: the user of the process that binds the socket
     * @return the owner; null: the user of that process
     * @throws IllegalArgumentException if the user does not exist
     */
    public @Nullable UserIdentity owner(@Nullable UserIdentity program) {
        return user == null ? program : identity(user);
    }

    /**
     * Returns an identity that has the group of the socket's file.
     *
     * @param program the user of the program; null: the user of the process that binds the socket
     * @return the identity; null: the group of that process
     * @throws IllegalArgumentException if the user or the group does not exist
     */
    public @Nullable UserIdentity groupOwner(@Nullable UserIdentity program) {
        // The user 0 needs no entry in the user database.
        return group == null ? owner(program) : identity(CString.of("0:").plus(group));
    }

    private UserIdentity identity(CString name) {
        try {
            return UserIdentity.of(name);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("socket " + text() + ": " + e.getMessage(), e);
        }
    }

    /** Returns the path of the socket's file; null if the socket has none. */
    public @Nullable CString file() {
        return address instanceof SocketAddress.Unix unix && isFile(unix) ? unix.path() : null;
    }

    private static boolean isFile(SocketAddress address) {
        return address instanceof SocketAddress.Unix unix && !unix.isAbstract();
    }

    /** Returns the address in the form of {@link #parse(String)}. */
    public String text() {
        return text(address);
    }

    private static String text(SocketAddress address) {
        return TerminalSafe.line(address.toString());
    }
}
