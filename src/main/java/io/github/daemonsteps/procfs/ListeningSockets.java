package io.github.daemonsteps.procfs;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.SocketAddress;
import io.github.daemonsteps.text.AsciiNumber;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The listening stream sockets of the network namespace of a process: {@code tcp}, {@code tcp6} and
 * {@code unix} in {@code /proc/PID/net}; see proc_pid_net(5).
 */
public final class ListeningSockets {

    /** The state of a listening socket in {@code tcp}: TCP_LISTEN of linux/net/tcp_states.h. */
    private static final String LISTEN = "0A";

    /** The flags of a listening socket in {@code unix}: __SO_ACCEPTCON of linux/net.h. */
    private static final String ACCEPTS = "00010000";

    private static final Path PROC = Path.of("/proc");

    private static final int HEX = 16;

    /**
     * A line of {@code unix} for a listening socket: the inode, and perhaps a path. The path of
     * another user's socket may contain line ends, and so imitate a line of the table.
     */
    private static final Pattern UNIX = Pattern.compile("[0-9A-Fa-f]+: [0-9A-Fa-f]+ [0-9A-Fa-f]+ " + ACCEPTS
            + " [0-9A-Fa-f]+ [0-9A-Fa-f]+ +([0-9]{1,18})(?: (.*))?");

    private final Path tables;

    /** Creates a reader of the tables of a process. */
    public ListeningSockets(int pid) {
        tables = PROC.resolve(pid + "/net");
    }

    /**
     * A listening socket.
     *
     * @param inode the inode, as in the text of a link of {@code /proc/PID/fd}
     * @param user the user who created the socket; -1 if the table does not show the user
     * @param address the address of a TCP socket; null for a Unix socket
     * @param port the port of a TCP socket
     * @param path the path of a Unix socket, as the table shows it; empty if it has none
     */
    public record Entry(long inode, long user, @Nullable InetAddress address, int port, String path) {}

    /**
     * A process that has a socket open.
     *
     * @param pid the process
     * @param name the name of its program, as in {@code /proc/PID/comm}
     */
    public record Holder(int pid, String name) {}

    /**
     * Returns whether the tables list a socket as listening.
     *
     * @param address the address of the socket, which decides the table
     * @param inode the inode of the socket
     */
    public boolean isListening(SocketAddress address, long inode) throws IOException {
        Predicate<Entry> same = entry -> entry.inode() == inode;
        return (address instanceof SocketAddress.Inet ? tcp(same) : unix(same)).isPresent();
    }

    /** Returns a TCP socket that meets a condition. */
    public Optional<Entry> tcp(Predicate<Entry> condition) throws IOException {
        Optional<Entry> found = find("tcp", ListeningSockets::tcp, condition);
        return found.isPresent() ? found : find("tcp6", ListeningSockets::tcp, condition);
    }

    /** Returns a Unix socket that meets a condition. */
    public Optional<Entry> unix(Predicate<Entry> condition) throws IOException {
        return find("unix", ListeningSockets::unix, condition);
    }

    /**
     * Returns the Unix sockets with this path. A line of the table may be forged: see {@link #UNIX}. The
     * socket of such a line need not exist.
     */
    public List<Entry> unixOf(CString path) throws IOException {
        String shown = new String(path.bytes(), StandardCharsets.ISO_8859_1);
        List<Entry> found = new ArrayList<>();
        unix(entry -> {
            if (entry.path().equals(shown)) {
                found.add(entry);
            }
            return false;
        });
        return found;
    }

    /**
     * Returns the socket with this address that a process has open; empty if none is known.
     *
     * @param address the address; that of a Unix socket as it was bound
     * @param pid the process
     */
    public Optional<Entry> of(SocketAddress address, int pid) throws IOException {
        return switch (address) {
            case SocketAddress.Inet inet -> tcp(entry -> inet.address().getAddress().equals(entry.address())
                    && inet.address().getPort() == entry.port() && isOpenIn(pid, entry.inode()));
            case SocketAddress.Unix unix -> unixOf(unix.path()).stream()
                    .filter(entry -> isOpenIn(pid, entry.inode())).findFirst();
        };
    }

    /** A parser of a line, which returns null for a socket that does not listen. */
    private interface Parser {
        @Nullable
        Entry parse(String line) throws UnknownHostException;
    }

    private Optional<Entry> find(String table, Parser parser, Predicate<Entry> condition)
            throws IOException {
        Path file = tables.resolve(table);
        if (table.equals("tcp6") && !Files.exists(file)) { // a system without IPv6
            return Optional.empty();
        }
        // Paths are bytes. Listening sockets come first in a table of TCP, which may be long.
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            String line = lines.readLine(); // the titles
            while (line != null) {
                line = lines.readLine();
                Entry entry = line == null ? null : parser.parse(line);
                if (entry != null && condition.test(entry)) {
                    return Optional.of(entry);
                }
            }
        }
        return Optional.empty();
    }

    /** Parses a line such as {@code 0: 0100007F:0050 00000000:0000 0A 0:0 0:0 0 33 0 4711 ...}. */
    static @Nullable Entry tcp(String line) throws UnknownHostException {
        String[] words = line.trim().split(" +", -1);
        if (words.length < 10 || !words[3].equals(LISTEN)) {
            return null;
        }
        int colon = words[1].indexOf(':');
        return new Entry(AsciiNumber.parseLong(words[9]), AsciiNumber.parseLong(words[7]),
                address(words[1].substring(0, colon)),
                AsciiNumber.parseInt(words[1].substring(colon + 1), HEX), "");
    }

    /** Parses an address. The kernel prints each 32-bit word in host byte order, here little-endian. */
    private static InetAddress address(String hex) throws UnknownHostException {
        byte[] bytes = HexFormat.of().parseHex(hex);
        for (int word = 0; word < bytes.length; word += Integer.BYTES) {
            swap(bytes, word, word + 3);
            swap(bytes, word + 1, word + 2);
        }
        return InetAddress.getByAddress(bytes);
    }

    private static void swap(byte[] bytes, int one, int other) {
        byte kept = bytes[one];
        bytes[one] = bytes[other];
        bytes[other] = kept;
    }

    /** Parses a line such as {@code 0000000000000000: 00000002 00000000 00010000 0001 01 4711 /run/x}. */
    static @Nullable Entry unix(String line) {
        Matcher fields = UNIX.matcher(line);
        if (!fields.matches()) {
            return null;
        }
        String path = fields.group(2);
        return new Entry(AsciiNumber.parseLong(fields.group(1)), -1, null, 0, path == null ? "" : path);
    }

    /**
     * Returns a process that has the socket open; empty if this user may see none.
     *
     * @param inode the inode of the socket
     */
    public static Optional<Holder> holder(long inode) {
        return holder(inode, _ -> true);
    }

    /**
     * Returns a process that has the socket open; empty if this user may see none.
     *
     * @param inode the inode of the socket
     * @param condition whether a process counts
     */
    public static Optional<Holder> holder(long inode, IntPredicate condition) {
        String link = "socket:[" + inode + "]";
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                int pid = AsciiNumber.parseInt(process.getFileName().toString());
                if (descriptor(process, link).isPresent() && condition.test(pid)) {
                    return Optional.of(new Holder(pid, name(process)));
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // The holder stays unknown, as one that this user may not see.
        }
        return Optional.empty();
    }

    /** Returns whether a process has the socket with this inode open; false if this user may not see that. */
    public static boolean isOpenIn(int pid, long inode) {
        return descriptor(pid, inode).isPresent();
    }

    /**
     * Returns the descriptor by which a process has the socket with this inode open; empty if it has not, or
     * if this user may not see that.
     */
    public static OptionalInt descriptor(int pid, long inode) {
        return descriptor(PROC.resolve(Integer.toString(pid)), "socket:[" + inode + "]");
    }

    /**
     * Returns whether another launcher has a socket open, as one does during a restart: a process of the same
     * user and the same program file as this process, whose descriptor is close-on-exec.
     */
    public static boolean isOfLauncher(int pid, long inode) {
        Path process = PROC.resolve(Integer.toString(pid));
        Path self = PROC.resolve("self");
        OptionalInt fd = descriptor(pid, inode);
        try {
            return fd.isPresent()
                    && Files.getAttribute(process, "unix:uid").equals(Files.getAttribute(self, "unix:uid"))
                    && Files.isSameFile(process.resolve("exe"), self.resolve("exe"))
                    && ProcFields.read(process.resolve("fdinfo/" + fd.getAsInt())).isCloseOnExec();
        } catch (IOException e) { // the process has ended, or hides from this user
            return false;
        }
    }

    private static OptionalInt descriptor(Path process, String link) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                if (isLinkedTo(descriptor, link)) {
                    return OptionalInt.of(AsciiNumber.parseInt(descriptor.getFileName().toString()));
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // The process has ended, or its descriptors are hidden from this user.
        }
        return OptionalInt.empty();
    }

    private static boolean isLinkedTo(Path descriptor, String link) {
        try {
            return Files.readSymbolicLink(descriptor).toString().equals(link);
        } catch (IOException e) { // closed meanwhile
            return false;
        }
    }

    private static String name(Path process) {
        try {
            return ProcFile.text(process.resolve("comm")).strip();
        } catch (IOException e) {
            return "?";
        }
    }
}
