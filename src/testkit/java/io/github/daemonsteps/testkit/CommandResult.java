package io.github.daemonsteps.testkit;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The result of a command that has exited.
 *
 * @param status the exit status
 * @param out the standard output
 * @param err the standard error
 */
public record CommandResult(int status, String out, String err) {

    /**
     * Runs a command to its exit. Its standard input is empty. The output is collected in files, so that a
     * daemon that inherits a standard descriptor does not delay the result.
     *
     * @param command the command; its redirections are replaced
     * @param timeout the time limit
     * @return the result, with the output as UTF-8 text
     * @throws AssertionError if the command does not exit in time; it is killed
     */
    public static CommandResult of(ProcessBuilder command, Duration timeout)
            throws IOException, InterruptedException {
        return of(command, timeout, StandardCharsets.UTF_8);
    }

    /**
     * Runs a command to its exit, as {@link #of(ProcessBuilder, Duration)} does.
     *
     * @param command the command; its redirections are replaced
     * @param timeout the time limit
     * @param charset the encoding of the output
     * @return the result
     * @throws AssertionError if the command does not exit in time; it is killed
     */
    public static CommandResult of(ProcessBuilder command, Duration timeout, Charset charset)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile("command", ".out");
        Path err = Files.createTempFile("command", ".err");
        try {
            Process process = command.redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(out.toFile()).redirectError(err.toFile()).start();
            boolean hasExited;
            try {
                hasExited = process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS);
            } finally {
                process.destroyForcibly();
            }
            if (!hasExited) {
                throw new AssertionError(command.command() + " has not exited within " + timeout.toMillis()
                        + " ms; its output: " + read(out, charset) + read(err, charset));
            }
            return new CommandResult(process.exitValue(), read(out, charset), read(err, charset));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    private static String read(Path file, Charset charset) throws IOException {
        return new String(Files.readAllBytes(file), charset);
    }

    /** Returns the lines of the standard output. */
    public List<String> lines() {
        return out.lines().toList();
    }
}
