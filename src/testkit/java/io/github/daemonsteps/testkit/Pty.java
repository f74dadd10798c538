package io.github.daemonsteps.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A pseudo terminal. A session leader without a controlling terminal that opens {@link #path} gets that
 * terminal. The second fork exists to prevent this.
 *
 * <p>{@link #close} sends SIGHUP to the session whose controlling terminal this is.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/pty.7.html">pty(7)</a>
 */
public final class Pty implements AutoCloseable {

    private final int master;
    private final Path path;
    private boolean closed;

    private Pty(int master, Path path) {
        this.master = master;
        this.path = path;
    }

    /**
     * Opens a new pseudo terminal.
     *
     * @throws IllegalStateException if this system has no terminal left
     */
    public static Pty open() {
        int master = LibC.openTerminal();
        try {
            return new Pty(master, LibC.unlockTerminal(master));
        } catch (Throwable e) {
            LibC.close(master);
            throw e;
        }
    }

    /** Returns the path of the terminal, such as {@code /dev/pts/3}. */
    public Path path() {
        return path;
    }

    /**
     * Types text into the terminal.
     *
     * @param text the text, with a newline where a person would press Enter
     */
    public void type(String text) {
        LibC.write(master, text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Waits for the next line that a process writes to the terminal. The terminal also echoes what is typed.
     *
     * @return the line without its end
     * @throws InterruptedException if this thread is interrupted, as by a time limit of the test
     */
    public String line() throws InterruptedException {
        var line = new ByteArrayOutputStream();
        for (int next = LibC.read(master); next != '\n' && next >= 0; next = LibC.read(master)) {
            if (next != '\r') {
                line.write(next);
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    /** Closes the master. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            LibC.close(master);
        }
    }
}
