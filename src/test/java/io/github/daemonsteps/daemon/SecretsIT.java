package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.daemon.readiness.Handshake;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Command;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.ProcessMemory;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The secrets of a launcher stay in it: no descriptor, memory or undocumented variable of {@link
 * SecretiveLauncher} reaches a daemon or its children.
 */
@Daemons
class SecretsIT {

    /** Executes the launcher with descriptors above 199 that have the secret and stay open across exec. */
    private static final String KEEPER = """
            import os, socket, sys
            secret = open(sys.argv[1], 'rb').read()
            memory = os.memfd_create('secret')
            os.write(memory, secret)
            ours, theirs = socket.socketpair()
            ours.send(secret)
            reading, writing = os.pipe()
            os.write(writing, secret)
            for number, fd in enumerate([memory, os.open(sys.argv[1], os.O_RDONLY), ours.detach(), theirs.detach(),
                                         reading, writing], start=200):
                os.dup2(fd, number)
            os.execv(sys.argv[2], sys.argv[2:])
            """;

    private final String secret = "SECRET-" + UUID.randomUUID() + "-" + UUID.randomUUID();

    private Path directory;
    private CommandRunner runner;
    private ChildJvm launcher;
    private int java;
    private int other;

    @BeforeEach
    void launch(Launcher testLauncher, TestDirectory testDirectory) throws Exception {
        directory = testDirectory.path();
        runner = new CommandRunner(testLauncher, directory).with("TOLD", "to everybody");
        Path file = Files.writeString(directory.resolve("secret"), secret);
        List<String> words = new ArrayList<>(List.of(Tool.need("python3"), "-c", KEEPER, file.toString()));
        words.addAll(ChildJvm.command(List.of("-Ddirectory=" + directory, "-Xmx64m"), SecretiveLauncher.class,
                "launch", file.toString()));
        launcher = ChildJvm.start(runner.builder(words));
    }

    @AfterEach
    void end() throws Exception {
        launcher.close();
        runner.killProcesses();
        for (String name : List.of("java", "other")) {
            Files.deleteIfExists(directory.resolve(name + ".pid"));
        }
    }

    private int pid(String line, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(line);
        assertThat(matcher.matches()).as(line).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    private int forked() throws Exception {
        return pid(launcher.line(), "forked (\\d+)");
    }

    private void start() throws Exception {
        launcher.send("go on");
        java = pid(launcher.line(), "java: started, pid (\\d+)");
        other = pid(launcher.line(), "other: started, pid (\\d+)");
    }

    /** Both daemons and their children. */
    private List<Integer> all() {
        return List.of(java, child(java), other, child(other));
    }

    @Test
    void descriptors_mappings_and_variables_of_the_launcher_do_not_reach_the_daemon()
            throws Exception {
        int forked = forked();
        // The secrets exist: until exec the process is a copy of its launcher.
        assertThat(mapped(forked)).contains("/memfd:secret (deleted)", "/dev/zero (deleted)",
                directory.resolve("own").toString());
        start();
        assertThat(java).isEqualTo(forked);

        List<CString> variables = Environment.strings(Path.of("/proc/" + launcher.pid() + "/environ"));
        assertThat(variables).contains(CString.of("TOLD=to everybody"));
        assertThat(Environment.strings(Path.of("/proc/" + other + "/environ"))).isEqualTo(variables);
        List<CString> ofJava = Environment.strings(Path.of("/proc/" + java + "/environ"));
        assertThat(ofJava).startsWith(variables.toArray(CString[]::new)).hasSize(variables.size() + 1);
        assertThat(ofJava.getLast().toString()).startsWith(Handshake.VARIABLE + "=" + java + ":");

        // The daemon closes the readiness descriptor a moment later, and nothing announces that.
        Await.until(() -> descriptors(java).stream().noneMatch(file -> file.startsWith("pipe:")),
                () -> descriptors(java));
        assertThat(descriptors(java)).filteredOn(file -> !file.contains("/lib/modules")
                && !file.endsWith(".jar")).containsExactlyInAnyOrderElementsOf(ofDaemon("java"));
        assertThat(descriptors(other)).containsExactlyInAnyOrderElementsOf(ofDaemon("other"));
        assertThat(descriptors(child(java))).doesNotContain(directory.resolve("java.pid").toString())
                .allMatch(ofDaemon("java")::contains);
        assertThat(descriptors(child(other))).containsExactlyInAnyOrderElementsOf(ofDaemon("other"));

        for (int pid : all()) {
            assertThat(mapped(pid)).as("%s", ProcessState.of(pid)).isNotEmpty().noneMatch(file -> file
                    .startsWith("/memfd:") || file.startsWith("/dev/zero")
                    || file.startsWith(directory + "/"));
        }
        for (String file : List.of("java.pid", "java.log", "other.pid", "other.log",
                "/proc/" + java + "/cmdline")) {
            assertThat(Files.readString(directory.resolve(file))).doesNotContain("SECRET");
        }
        List<Integer> expected = new ArrayList<>(List.of(launcher.pid(), sibling()));
        expected.addAll(all());
        assertThat(runner.processes()).as("no session leader, with its copy of all that, is left")
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void memory_of_the_launcher_does_not_reach_the_daemon() throws Exception {
        int forked = forked();
        ProcessMemory.assumeReadable(forked);
        assertThat(hasSecret(launcher.pid())).isTrue();
        assertThat(hasSecret(forked)).as("until it has executed its program").isTrue();
        start();
        for (int pid : all()) {
            ProcessMemory.assumeReadable(pid); // an orphan may be out of reach of its former ancestors
            assertThat(hasSecret(pid)).as("%s", ProcessState.of(pid)).isFalse();
        }
        assertThat(hasSecret(launcher.pid())).as("it has kept it").isTrue();
    }

    @Test
    void forked_process_is_out_of_reach_of_other_users() throws Exception {
        Assumptions.assumeTrue(ProcessState.ofThisProcess().uid() == 0, "only root can be another user");
        int forked = forked();
        List<String> stranger =
                List.of(Tool.need("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups");
        for (String file : List.of("environ", "maps", "mem", "fd/0")) {
            assertThat(opens(List.of(), forked, file)).as(file).isTrue();
            assertThat(opens(stranger, forked, file)).as(file).isFalse();
        }
        // Otherwise the refusals would prove nothing.
        assertThat(Command.run(opening(stranger, "/proc/self/environ")).status()).isZero();
    }

    private static boolean opens(List<String> user, int pid, String file) throws Exception {
        return Command.run(opening(user, "/proc/" + pid + "/" + file)).status() == 0;
    }

    private static String[] opening(List<String> user, String file) {
        return Stream.concat(user.stream(), Stream.of("/bin/sh", "-c", "exec 3<\"$0\"", file))
                .toArray(String[]::new);
    }

    /** The other relay of the launcher. */
    private int sibling() {
        List<Integer> children = children(launcher.pid());
        assertThat(children).hasSize(1);
        return children.getFirst();
    }

    private int child(int pid) {
        List<Integer> children = children(pid);
        assertThat(children).hasSize(1);
        Processes.awaitCommand(children.getFirst(), "sleep");
        return children.getFirst();
    }

    private static List<Integer> children(int pid) {
        return ProcessHandle.of(pid).orElseThrow().children().map(child -> (int) child.pid()).toList();
    }

    private List<String> ofDaemon(String name) {
        String log = directory.resolve(name + ".log").toString();
        return List.of("/dev/null", log, log, directory.resolve(name + ".pid").toString());
    }

    private static List<String> descriptors(int pid) {
        return List.copyOf(Objects.requireNonNull(ProcessState.of(pid).fds()).values());
    }

    private static List<String> mapped(int pid) throws IOException {
        try (Stream<String> mappings = Files.lines(Path.of("/proc/" + pid + "/maps"))) {
            return mappings.map(ProcessMemory.READABLE::matcher).filter(Matcher::matches)
                    .map(mapping -> mapping.group(3))
                    .toList();
        }
    }

    private boolean hasSecret(int pid) throws IOException {
        return ProcessMemory.contains(pid, secret.getBytes(StandardCharsets.US_ASCII));
    }
}
