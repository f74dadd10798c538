package io.github.daemonsteps.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daemonsteps.ffm.CCompiler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The tables of error numbers and signals, compared with those of the C library. */
class ErrnoAndSignalAuditTest {

    private static final Set<String> NOT_CONSTANT = Set.of("SIGRTMIN", "SIGRTMAX", "SIGSTKSZ");

    private static final String SOURCE = """
            #define _GNU_SOURCE
            #include <errno.h>
            #include <signal.h>
            #include <stdio.h>
            #include <string.h>
            """;

    @Test
    void name_has_the_number_of_the_headers_here() throws Exception {
        audit(CCompiler.host());
    }

    @Test
    void name_has_the_number_of_the_headers_of_aarch64() throws Exception {
        audit(CCompiler.aarch64());
    }

    private static void audit(CCompiler compiler) throws Exception {
        List<String> names = macros(compiler, "#include <errno.h>\n", "E[A-Z0-9]+");
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
        for (String name : macros(compiler, SOURCE, "SIG[A-Z0-9]+")) {
            if (!NOT_CONSTANT.contains(name)) {
                Signal signal = Signal.named(name)
                        .orElseThrow(() -> new AssertionError("there is no " + name));
                source.append("_Static_assert(").append(name).append(" == ").append(signal.number())
                        .append(", \"").append(name).append("\");\n");
            }
        }
        compiler.accepts(source.toString());
        assertThat(Errno.all()).allSatisfy(errno -> assertThat(names).contains(errno.name()));
    }

    private static List<String> macros(CCompiler compiler, String source, String pattern) throws Exception {
        List<String> names = new ArrayList<>();
        for (String macro : compiler.macros(source)) {
            String[] words = macro.split(" ", 3);
            if (words[1].matches(pattern)) {
                names.add(words[1]);
            }
        }
        return names;
    }

    @Test
    void wrong_number_fails_the_audit() {
        CCompiler compiler = CCompiler.host();
        assertThatThrownBy(
                () -> compiler.accepts(SOURCE + "_Static_assert(ENOENT == 3, \"ENOENT\");\n"))
                .isInstanceOf(AssertionError.class).hasMessageContaining("ENOENT");
    }

    @Test
    void program_that_never_ends_is_killed() {
        CCompiler compiler = CCompiler.host();
        assertThatThrownBy(
                () -> compiler.run("int main(void) { for (;;); }", Duration.ofMillis(200)))
                .isInstanceOf(AssertionError.class).hasMessageContaining("no end within 200 ms");
    }

    @Test
    void number_has_the_text_of_the_c_library() throws Exception {
        List<String> texts = CCompiler.host().run(SOURCE + """
                int main(void) {
                    for (int i = 0; i < 140; i++) printf("%s\\n", strerror(i));
                    for (int i = 1; i <= 64; i++) printf("%s\\n", strsignal(i));
                    printf("%d %d\\n", SIGRTMIN, SIGRTMAX);
                    return 0;
                }
                """).lines().toList();
        for (int number = 0; number < 140; number++) {
            assertThat(Errno.of(number).text()).isEqualTo(texts.get(number));
        }
        for (int number = 1; number <= 64; number++) {
            assertThat(new Signal(number).text()).isEqualTo(texts.get(139 + number));
        }
        assertThat(texts.getLast()).isEqualTo(
                Signal.named("SIGRTMIN").orElseThrow().number() + " "
                        + Signal.named("SIGRTMAX").orElseThrow().number());
    }
}
