package io.github.daemonsteps.posix;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A C compiler, to ask what the C headers say. */
final class CCompiler {

    private final String command;

    private CCompiler(String command) {
        this.command = command;
    }

    /** The compiler of this machine; there must be one. */
    static CCompiler host() {
        return find("cc", "gcc").orElseThrow(() -> new AssertionError(
                "no C compiler on the PATH: the packages gcc and libc6-dev bring it"));
    }

    /** The compiler for aarch64, where it is installed. */
    static Optional<CCompiler> aarch64() {
        return find("aarch64-linux-gnu-gcc");
    }

    private static Optional<CCompiler> find(String... names) {
        for (String name : names) {
            for (String folder : System.getenv("PATH").split(":")) {
                if (Files.isExecutable(Path.of(folder, name))) {
                    return Optional.of(new CCompiler(name));
                }
            }
        }
        return Optional.empty();
    }

    /** Fails, with the compiler's words, unless it accepts this source. */
    void accepts(String source) throws IOException, InterruptedException {
        output(source, command, "-fsyntax-only", "-std=gnu11", "-Wall", "-Werror", "-x", "c", "-");
    }

    /** The macros that are defined after this source, a line each: {@code #define NAME VALUE}. */
    List<String> macros(String source) throws IOException, InterruptedException {
        return output(source, command, "-E", "-dM", "-x", "c", "-").lines().toList();
    }

    /** What a program prints. */
    String run(String source) throws IOException, InterruptedException {
        Path program = Files.createTempFile("program", "");
        try {
            output(source, command, "-o", program.toString(), "-x", "c", "-");
            return output("", program.toString());
        } finally {
            Files.delete(program);
        }
    }

    private static String output(String input, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(words));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            try (var stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new AssertionError(String.join(" ", command) + " failed:\n" + output);
            }
            return output;
        } finally {
            process.destroyForcibly();
        }
    }
}
