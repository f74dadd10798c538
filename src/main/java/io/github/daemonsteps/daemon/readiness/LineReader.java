package io.github.daemonsteps.daemon.readiness;

import io.github.daemonsteps.ffm.NativePosix;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A reader of lines from a pipe, piece by piece. Each {@link #fill} is one read(2), and bytes after a newline
 * are kept for the next line. The length of a line is limited, so the memory is bounded for any input.
 */
final class LineReader {

    /** A daemon's longest line is a quarter of this. */
    static final int MAX_LINE = 64 << 10;

    private static final int MAX_READ = 64 << 10;

    private final NativePosix posix;
    private final int fd;
    private final byte[] bytes = new byte[MAX_LINE + MAX_READ];
    private int start;
    private int end;

    LineReader(NativePosix posix, int fd) {
        this.posix = posix;
        this.fd = fd;
    }

    /** Reads once, and waits until there is something to read. Returns false at end of file. */
    boolean fill() {
        System.arraycopy(bytes, start, bytes, 0, end - start);
        end -= start;
        start = 0;
        byte[] read = posix.read(fd, Math.min(MAX_READ, bytes.length - end));
        System.arraycopy(read, 0, bytes, end, read.length);
        end += read.length;
        return read.length > 0;
    }

    /**
     * Returns the next line without its newline, or null if it has not been read to its end or is too long.
     */
    @Nullable
    String next() {
        for (int i = start; i < end && i - start <= MAX_LINE; i++) {
            if (bytes[i] == '\n') {
                var line = new String(bytes, start, i - start, StandardCharsets.UTF_8);
                start = i + 1;
                return line;
            }
        }
        return null;
    }

    /** Returns whether the next line is too long. */
    boolean isTooLong() {
        return end - start > MAX_LINE;
    }
}
