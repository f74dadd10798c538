package io.github.daemonsteps.daemon;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A listening socket that the daemon has inherited, or has bound in the foreground.
 *
 * <p>Java has no way to make a channel of a descriptor, except for descriptor 0:
 * {@link System#inheritedChannel()}. So {@link #channel()} is empty for every other socket. There are three
 * ways to use such a socket all the same:
 *
 * <ul>
 * <li>make it descriptor 0 too, by {@link Daemon#listenOnStdin()};
 * <li>call accept(2), read(2) and write(2) on the descriptor by native calls of your own;
 * <li>use a library that takes a descriptor, such as the native transports of Netty.
 * </ul>
 *
 * @param name the name in {@code LISTEN_FDNAMES}; {@code unknown} if none was given
 * @param descriptor the descriptor
 * @param address the address. The address of an abstract Unix socket is its text form, which begins with
 *        {@code @} and does not name a file
 * @see <a href="https://man7.org/linux/man-pages/man3/sd_listen_fds.3.html">sd_listen_fds(3)</a>
 */
public record InheritedSocket(String name, int descriptor, SocketAddress address) {

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    /**
     * Returns the channel of this socket: {@link System#inheritedChannel()}, if descriptor 0 is this socket.
     * Each call returns the same channel. When the channel is closed, the JDK opens the descriptors 0, 1 and
     * 2 on {@code /dev/null}, and the daemon prints nothing more to its log.
     *
     * @return the channel; empty if descriptor 0 is not this socket, or if the channel was closed
     * @throws UncheckedIOException if the JDK cannot make the channel
     */
    public Optional<ServerSocketChannel> channel() {
        try {
            return target(0).equals(target(descriptor))
                    && System.inheritedChannel() instanceof ServerSocketChannel channel
                    && channel.isOpen()
                            ? Optional.of(channel)
                            : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("descriptor 0 cannot be used as a channel: " + e.getMessage(), e);
        }
    }

    private static Path target(int fd) throws IOException {
        return Files.readSymbolicLink(DESCRIPTORS.resolve(Integer.toString(fd)));
    }
}
