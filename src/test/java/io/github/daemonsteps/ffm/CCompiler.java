package io.github.daemonsteps.ffm;

import io.github.daemonsteps.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A C compiler, which reads the C headers. */
public final class CCompiler {

    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private final String command;

    private CCompiler(String command) {
        this.command = command;
    }

    /** Returns the compiler of this machine. */
    public static CCompiler host() {
        return new CCompiler(Tool.need("gcc"));
    }

    /** Returns the compiler for aarch64. */
    public static CCompiler aarch64() {
        return System.getProperty("os.arch").equals("aarch64")
                ? host()
                : new CCompiler(Tool.need("aarch64-linux-gnu-gcc"));
    }

    /** Fails with the compiler's message unless the compiler accepts this source. */
    public void accepts(String source) throws IOException, InterruptedException {
        output(source, command, "-fsyntax-only", "-std=gnu11", "-Wall", "-Werror", "-x", "c", "-");
    }

    /** Returns the macros that are defined after this source, a line each: {@code #define NAME VALUE}. */
    public List<String> macros(String source) throws IOException, InterruptedException {
        return output(source, command, "-E", "-dM", "-x", "c", "-").lines().toList();
    }

    /** Returns the output of a program. */
    public String run(String source) throws IOException, InterruptedException {
        return run(source, DEADLINE);
    }

    public String run(String source, Duration deadline) throws IOException, InterruptedException {
        Path program = Files.createTempFile("program", "");
        try {
            output(source, command, "-o", program.toString(), "-x", "c", "-");
            return output("", deadline, program.toString());
        } finally {
            Files.delete(program);
        }
    }

    private static String output(String input, String... words) throws IOException, InterruptedException {
        return output(input, DEADLINE, words);
    }

    /**
     * Input and output are files: reading a pipe to its end would wait for a process that never ends, and
     * writing to one would wait for a process that never reads.
     */
    private static String output(String input, Duration deadline, String... words)
            throws IOException, InterruptedException {
        Path stdin = Files.createTempFile("stdin", "");
        Path stdout = Files.createTempFile("stdout", "");
        Path stderr = Files.createTempFile("stderr", "");
        try {
            Files.writeString(stdin, input);
            ProcessBuilder builder = new ProcessBuilder(words).redirectInput(stdin.toFile())
                    .redirectOutput(stdout.toFile()).redirectError(stderr.toFile());
            builder.environment().put("LC_ALL", "C");
            String ended = end(builder.start(), deadline);
            if (!ended.equals("exit status 0")) {
                throw new AssertionError(String.join(" ", words) + ": " + ended + "\n"
                        + Files.readString(stdout) + Files.readString(stderr));
            }
            return Files.readString(stdout);
        } finally {
            Files.delete(stdin);
            Files.delete(stdout);
            Files.delete(stderr);
        }
    }

    private static String end(Process process, Duration deadline) throws InterruptedException {
        try {
            return process.waitFor(deadline)
                    ? "exit status " + process.exitValue()
                    : "no end within " + deadline.toMillis() + " ms";
        } finally {
            // gcc works by child processes
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
    }
}
