package io.github.daemonsteps.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.ffm.LibcConstants;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Tool;
import java.io.IOException;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sources of the relay, compared with their assembled bytes, the layouts of Java, and the bindings. */
class RelaySourceTest {

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"x86_64", "aarch64"})
    void code_is_the_assembled_source(String machine) throws Exception {
        Path object = assemble(machine);
        Path code = directory.resolve("relay.bin");
        run(machine + "-linux-gnu-objcopy", "-O", "binary", "-j", ".text", object.toString(),
                code.toString());
        assertThat(Files.readAllBytes(code)).isEqualTo(RelayCode.bytes("relay-" + machine + ".bin"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x86_64", "aarch64"})
    void offsets_of_source_are_those_of_the_layouts(String machine) throws Exception {
        Map<String, Long> expected = new TreeMap<>();
        fields("BLOCK_", SharedBlock.HEADER, expected);
        fields("CALL_", SharedBlock.CALL, expected);
        expected.put("BLOCK_CALLS", SharedBlock.HEADER.byteSize());
        expected.put("CALL_SIZE", SharedBlock.CALL.byteSize());
        Map<String, Long> symbols = symbols(machine);
        symbols.keySet().removeIf(name -> !name.startsWith("BLOCK_") && !name.startsWith("CALL_"));
        assertThat(symbols).isEqualTo(expected);
    }

    private static void fields(String prefix, StructLayout layout, Map<String, Long> offsets) {
        layout.memberLayouts().forEach(member -> {
            String name = member.name().orElseThrow();
            offsets.put(prefix + name, layout.byteOffset(PathElement.groupElement(name)));
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"x86_64", "aarch64"})
    void numbers_of_source_are_those_of_the_binding(String machine) throws Exception {
        Map<String, Long> binding = LibcConstants.of(io.github.daemonsteps.ffm.libc.Libc.class);
        binding.putAll(LibcConstants.of(machine.equals("x86_64")
                ? io.github.daemonsteps.ffm.libc.linux_x64.Libc.class
                : io.github.daemonsteps.ffm.libc.linux_aarch64.Libc.class));
        Map<String, Long> symbols = symbols(machine);
        symbols.keySet().removeIf(
                name -> name.startsWith("BLOCK_") || name.startsWith("CALL_") || name.startsWith("FRAME_"));
        assertThat(symbols.remove("PARENT_EXITS")).isEqualTo(SharedBlock.PARENT_EXITS);
        assertThat(symbols.remove("PARENT_STAYS")).isEqualTo(SharedBlock.PARENT_STAYS);
        assertThat(symbols.remove("EINTR")).isEqualTo(Errno.EINTR.number());
        assertThat(symbols.remove("KERNEL_SIGSET_SIZE")).isEqualTo(Long.BYTES); // 64 signals, one bit each
        assertThat(symbols.keySet()).containsExactlyInAnyOrder("SYS_read", "SYS_sendto", "SYS_close",
                "SYS_rt_sigprocmask",
                "SYS_exit_group", "SIG_SETMASK", "MSG_NOSIGNAL");
        assertThat(binding).containsAllEntriesOf(symbols);
    }

    private Path assemble(String machine) throws Exception {
        Path source = ChildJvm.baseDirectory().resolve("src/main/relay/relay-" + machine + ".S");
        Path object = directory.resolve("relay.o");
        run(machine + "-linux-gnu-as", "-o", object.toString(), source.toString());
        return object;
    }

    /** The absolute symbols of the source: {@code 0000000000000028 a BLOCK_CALLS}. */
    private Map<String, Long> symbols(String machine) throws Exception {
        Map<String, Long> symbols = new TreeMap<>();
        for (String line : run(machine + "-linux-gnu-nm", assemble(machine).toString()).split("\n")) {
            String[] words = line.trim().split(" ");
            if (words[1].equals("a")) {
                symbols.put(words[2], Long.parseUnsignedLong(words[0], 16));
            }
        }
        return symbols;
    }

    private static String run(String tool, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Tool.need(tool)));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(output).isZero();
            return output;
        } finally {
            process.destroyForcibly();
        }
    }
}
