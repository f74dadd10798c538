package io.github.daemonsteps.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.testkit.CommandResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A unit as {@code systemd-analyze verify} has read it. With the log level debug that program prints each setting as systemd
 * understands it, with C escapes.
 *
 * @param lines the settings, with a char for each byte
 */
public record VerifiedUnit(List<String> lines) {

    /** Checks units that belong together, and returns the first of them. */
    public static VerifiedUnit of(Path directory, String... files) throws IOException, InterruptedException {
        String tool = Tool.path("systemd-analyze");
        List<String> command = new ArrayList<>(
                List.of(tool, "verify", "--man=no", "--recursive-errors=no"));
        for (String file : files) {
            command.add("./" + file);
        }
        var builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().put("SYSTEMD_LOG_LEVEL", "debug");
        CommandResult verified = CommandResult.of(builder, ChildJvm.DEADLINE, StandardCharsets.ISO_8859_1);
        assertThat(verified.err().lines().filter(line -> line.matches(".*\\.(service|socket):[0-9]+: .*")))
                .as("warnings about a line of a unit").isEmpty();
        assertThat(verified.status()).as("%s", verified).isZero();
        List<String> lines = verified.out().lines()
                .dropWhile(line -> !line.strip().equals("-> Unit " + files[0] + ":")).skip(1)
                .takeWhile(line -> !line.strip().startsWith("-> Unit ")).map(String::strip).toList();
        assertThat(lines).as("settings of %s", files[0]).isNotEmpty();
        return new VerifiedUnit(lines);
    }

    /** Writes a unit to a file of a directory, and checks it. */
    public static VerifiedUnit of(Path directory, CString unit) throws IOException, InterruptedException {
        Files.write(directory.resolve("verified.service"), unit.bytes());
        return of(directory, "verified.service");
    }

    /** Returns the values of a setting. */
    public List<CString> values(String name) {
        return lines.stream().filter(line -> line.startsWith(name + ": "))
                .map(line -> bytes(line.substring(name.length() + 2))).toList();
    }

    /**
     * Returns the arguments of {@code ExecStart=}. systemd replaces two dollar signs when it executes the
     * command.
     */
    public List<CString> arguments() {
        String line = lines.stream().dropWhile(text -> !text.equals("-> ExecStart:"))
                .filter(text -> text.startsWith("Command Line: ")).findFirst().orElseThrow()
                .substring("Command Line: ".length());
        List<CString> arguments = new ArrayList<>();
        var word = new ByteArrayOutputStream();
        boolean isQuoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '"') {
                isQuoted = !isQuoted;
            } else if (c == ' ' && !isQuoted) {
                arguments.add(argument(word));
                word.reset();
            } else if (c == '\\' && isQuoted) {
                char escaped = line.charAt(++i);
                if (escaped >= '0' && escaped <= '3') {
                    word.write(Integer.parseInt(line.substring(i, i + 3), 8));
                    i += 2;
                } else {
                    int control = "abtnvfr".indexOf(escaped);
                    word.write(control < 0 ? escaped : control + 7);
                }
            } else {
                word.write(c);
            }
        }
        arguments.add(argument(word));
        return arguments;
    }

    private static CString argument(ByteArrayOutputStream word) {
        String text = word.toString(StandardCharsets.ISO_8859_1);
        assertThat(text.replace("$$", "")).doesNotContain("$");
        return bytes(text.replace("$$", "$"));
    }

    private static CString bytes(String latin1) {
        return CString.ofBytes(latin1.getBytes(StandardCharsets.ISO_8859_1));
    }
}
