package io.github.daemonsteps.ffm;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.testing.ChildJvm;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The output of a JVM that has, lacks or denies native access. */
class NativeAccessIT {

    /** Calls getpid and prints the result. */
    static final class Asker {
        private Asker() {
        }

        public static void main(String[] args) {
            try {
                System.out.println(NativePosix.get().getpid() == ProcessHandle.current().pid());
            } catch (IllegalCallerException | UnsupportedOperationException refused) {
                System.out.println(refused.getClass().getSimpleName() + ": " + refused.getMessage());
            }
        }
    }

    private static List<String> ask(String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(ChildJvm.java().toString()));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", ChildJvm.classPath(), Asker.class.getName()));
        try (var jvm = ChildJvm.start(new ProcessBuilder(command))) {
            return jvm.rest();
        }
    }

    @Test
    void native_access_with_the_flag_is_silent() throws Exception {
        assertThat(ask("--enable-native-access=ALL-UNNAMED")).containsExactly("true");
        assertThat(ask("--enable-native-access=ALL-UNNAMED", "--illegal-native-access=deny"))
                .containsExactly("true");
    }

    @Test
    void missing_native_access_flag_prints_the_warning_of_the_jdk() throws Exception {
        List<String> lines = ask();
        assertThat(lines).contains("true")
                .anyMatch(line -> line.startsWith("WARNING: ") && line.contains("--enable-native-access"));
    }

    @Test
    void denied_native_access_is_one_error_that_names_the_flag() throws Exception {
        assertThat(ask("--illegal-native-access=deny")).containsExactly(
                "IllegalCallerException: daemon-steps needs native access: start java with "
                        + "--enable-native-access=io.github.daemonsteps (on the module path) or "
                        + "--enable-native-access=ALL-UNNAMED (on the class path)");
    }

    @Test
    void unknown_platform_is_one_error_that_names_the_known_ones() throws Exception {
        assertThat(ask("--enable-native-access=ALL-UNNAMED", "-Dos.arch=riscv64")).containsExactly(
                "UnsupportedOperationException: Linux on riscv64 is not supported; daemon-steps needs Linux on x86-64 or aarch64");
    }
}
