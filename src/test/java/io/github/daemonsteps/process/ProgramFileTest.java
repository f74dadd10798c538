package io.github.daemonsteps.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramFileTest {

    @TempDir
    private Path directory;

    private ProgramFile file(String content) throws IOException {
        Path file =
                Files.writeString(directory.resolve("program"), content, StandardCharsets.ISO_8859_1);
        return new ProgramFile(CString.of(file), NativePosix.get());
    }

    @Test
    void script_with_a_carriage_return_is_reported() throws IOException {
        ProgramFile script = file("#!/bin/sh\r\necho\r\n");
        assertThat(script.interpreter()).contains(CString.of("/bin/sh\r"));
        assertThat(script.explain(Errno.ENOENT).orElseThrow()).contains("ends with a carriage return",
                "\"/bin/sh\\x0d\"", "remove the carriage returns");
    }

    @Test
    void script_with_a_missing_interpreter_names_it() throws IOException {
        ProgramFile script = file("#! \t/no/such/shell -e\necho\n");
        assertThat(script.interpreter()).contains(CString.of("/no/such/shell"));
        assertThat(script.explain(Errno.ENOENT).orElseThrow())
                .contains("\"/no/such/shell\", is not there");
    }

    @Test
    void script_with_an_interpreter_that_may_not_be_executed_names_it() throws IOException {
        ProgramFile script = file("#!/etc/passwd\n");
        assertThat(script.explain(Errno.EACCES).orElseThrow())
                .isEqualTo("its interpreter \"/etc/passwd\" may not be executed");
        assertThat(file("#!/bin/sh\n").explain(Errno.EACCES)).isEmpty();
    }

    @Test
    void dangling_link_to_program_is_reported() throws IOException {
        Path link = directory.resolve("link");
        Files.createSymbolicLink(link, link);
        var looped = new ProgramFile(CString.of(link), NativePosix.get());
        assertThat(looped.explain(Errno.ELOOP).orElseThrow()).contains("leads to no file");
        Files.delete(link);
        Files.createSymbolicLink(link, directory.resolve("missing"));
        assertThat(looped.explain(Errno.ENOENT).orElseThrow()).contains("leads to no file");
        assertThat(looped.isMissing(Errno.ENOENT)).isTrue();
    }

    @Test
    void script_with_directory_as_interpreter_names_it() throws IOException {
        assertThat(file("#!/tmp\n").explain(Errno.EACCES).orElseThrow())
                .isEqualTo("its interpreter \"/tmp\" is a directory: name a program after \"#!\"");
    }

    @Test
    void script_with_carriage_return_in_argument_of_interpreter_has_warning() throws IOException {
        assertThat(file("#!/usr/bin/env sh\r\n").warning().orElseThrow()).contains(
                "ends with a carriage return", "\"sh\\x0d\"", "remove the carriage returns");
        assertThat(file("#!/bin/sh -e\r\n").warning().orElseThrow()).contains("\"-e\\x0d\"");
        assertThat(file("#!/bin/sh\r\n").warning()).isEmpty();
        assertThat(file("#!/bin/sh -e\necho\r\n").warning()).isEmpty();
        assertThat(file("echo a\r\n").warning()).isEmpty();
    }

    @Test
    void script_with_first_line_truncated_by_the_kernel_is_reported() throws IOException {
        String tooLong = "is longer than the 255 bytes that the kernel reads";
        ProgramFile cutInterpreter = file("#!/" + "x".repeat(300) + "/sh\n");
        assertThat(cutInterpreter.explain(Errno.ENOEXEC).orElseThrow()).contains(tooLong, "shorten it");
        assertThat(cutInterpreter.explain(Errno.ENOENT).orElseThrow()).contains(tooLong, "shorten it");
        assertThat(cutInterpreter.warning()).isEmpty();
        assertThat(file("#!/bin/sh -" + "e".repeat(300) + "\n").warning().orElseThrow()).contains(tooLong);
        assertThat(file("#!/bin/sh -" + "e".repeat(200) + "\n").warning()).isEmpty();
    }

    @Test
    void script_after_byte_order_mark_is_reported() throws IOException {
        for (String mark : new String[]{"\u00ef\u00bb\u00bf", "\u00ff\u00fe", "\u00fe\u00ff"}) {
            assertThat(file(mark + "#!/bin/sh\n").explain(Errno.ENOEXEC).orElseThrow())
                    .endsWith("begins with a byte order mark: save it as UTF-8 without one");
        }
    }

    @Test
    void text_without_an_interpreter_is_reported() throws IOException {
        assertThat(file("echo\n").explain(Errno.ENOEXEC).orElseThrow())
                .contains("does not begin with \"#!\"");
        assertThat(file("\177ELF\1").explain(Errno.ENOEXEC).orElseThrow()).contains("another architecture");
        assertThat(file("\177ELF\2").explain(Errno.ENOENT).orElseThrow()).contains("its loader does not");
    }

    @Test
    void missing_program_gets_no_further_cause() {
        var missing =
                new ProgramFile(CString.of(directory.resolve("missing")), NativePosix.get());
        assertThat(missing.explain(Errno.ENOENT)).isEqualTo(Optional.empty());
        assertThat(missing.isMissing(Errno.ENOENT)).isTrue();
    }
}
