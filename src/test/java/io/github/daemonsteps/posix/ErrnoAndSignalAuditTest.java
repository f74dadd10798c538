package io.github.daemonsteps.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The tables of error numbers and signals against the C library's own. */
class ErrnoAndSignalAuditTest {

    private static final String SOURCE = """
            #define _GNU_SOURCE
            #include <errno.h>
            #include <signal.h>
            #include <stdio.h>
            #include <string.h>
            """;

    @Test
    void here_every_name_has_the_number_of_the_headers() throws Exception {
        audit(CCompiler.host());
    }

    @Test
    void on_aarch64_every_name_has_the_number_of_the_headers() throws Exception {
        Optional<CCompiler> compiler = CCompiler.aarch64();
        assumeTrue(compiler.isPresent(), "no compiler for aarch64: gcc-aarch64-linux-gnu brings it");
        audit(compiler.get());
    }

    private static void audit(CCompiler compiler) throws Exception {
        List<String> names = new ArrayList<>();
        for (String macro : compiler.macros("#include <errno.h>\n")) {
            String[] words = macro.split(" ", 3);
            if (words[1].matches("E[A-Z0-9]+")) {
                names.add(words[1]);
            }
        }
        assertThat(names).hasSizeGreaterThan(130);
        var source = new StringBuilder(SOURCE);
        for (String name : names) {
            Errno errno = Errno.named(name).orElseThrow(() -> new AssertionError("there is no " + name));
            source.append("_Static_assert(").append(name).append(" == ").append(errno.number()).append(", \"")
                    .append(name).append("\");\n");
        }
        for (int number = 1; number < 32; number++) {
            source.append("_Static_assert(").append(new Signal(number).name()).append(" == ").append(number)
                    .append(", \"\");\n");
        }
        compiler.accepts(source.toString());
        assertThat(Errno.all()).allSatisfy(errno -> assertThat(names).contains(errno.name()));
    }

    @Test
    void every_number_has_the_text_of_the_c_library() throws Exception {
        List<String> texts = CCompiler.host().run(SOURCE + """
                int main(void) {
                    for (int i = 1; i < 140; i++) printf("%s\\n", strerror(i));
                    for (int i = 1; i < 32; i++) printf("%s\\n", strsignal(i));
                    printf("%d %d\\n", SIGRTMIN, SIGRTMAX);
                    return 0;
                }
                """).lines().toList();
        for (int number = 1; number < 140; number++) {
            assertThat(Errno.of(number).text()).isEqualTo(texts.get(number - 1));
        }
        for (int number = 1; number < 32; number++) {
            assertThat(new Signal(number).text()).isEqualTo(texts.get(138 + number));
        }
        assertThat(texts.getLast()).isEqualTo(
                Signal.named("SIGRTMIN").orElseThrow().number() + " "
                        + Signal.named("SIGRTMAX").orElseThrow().number());
    }
}
