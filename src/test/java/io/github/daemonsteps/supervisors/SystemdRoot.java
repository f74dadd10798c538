package io.github.daemonsteps.supervisors;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Command;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.CommandResult;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * A systemd that is process 1 of namespaces of its own: see src/test/supervisors/README.md. {@link #close} kills all of its
 * processes.
 */
final class SystemdRoot implements AutoCloseable {

    /** Names another root directory than that of this machine. */
    private static final String ROOT = System.getProperty("daemonsteps.systemd.root", "/");

    private static final Path SCRIPT =
            ChildJvm.baseDirectory().resolve("src/test/supervisors/systemd-root");

    private final Process script;
    private final String pid;

    private SystemdRoot(Process script, String pid) {
        this.script = script;
        this.pid = pid;
    }

    /** Boots systemd with these directories of the machine, each as {@code FROM=TO}. Skips the test where that is impossible. */
    static SystemdRoot boot(String... directories) throws Exception {
        Assumptions.assumeTrue(NativePosix.get().getuid() == 0, "only root can mount a root directory");
        Tool.need("systemctl");
        Command probe = Command.run(Tool.need("unshare"), "--mount", "--pid", "--fork", "/bin/sh", "-ec",
                "mount -t tmpfs tmpfs /mnt; findmnt --noheadings --types cgroup2 --output OPTIONS | head -n 1");
        Assumptions.assumeTrue(probe.status() == 0 && probe.output().startsWith("rw"),
                "this system does not let root mount, or has no cgroup2 to write to: " + probe.output());
        List<String> words = new ArrayList<>(List.of(SCRIPT.toString(), "--root", ROOT));
        words.addAll(List.of(directories));
        Path errors = Files.createTempFile("systemd-root", ".err");
        Process script = new ProcessBuilder(words).redirectError(errors.toFile()).start();
        try {
            String pid = new BufferedReader(
                    new InputStreamReader(script.getInputStream(), StandardCharsets.US_ASCII)).readLine();
            assertThat(pid).as("systemd-root reports its process: %s", Files.readString(errors))
                    .matches("[0-9]+");
            var root = new SystemdRoot(script, pid);
            root.awaitBoot();
            return root;
        } catch (Exception | AssertionError e) {
            script.getOutputStream().close();
            throw e;
        } finally {
            Files.delete(errors);
        }
    }

    private void awaitBoot() throws Exception {
        Await.until(() -> run("systemctl", "is-active", "basic.target").status() == 0);
    }

    /** Runs a command as root of the namespaces. */
    CommandResult run(String... command) throws IOException, InterruptedException {
        List<String> words =
                new ArrayList<>(List.of(Tool.need("nsenter"), "--target", pid, "--mount", "--pid",
                        "--net", "--uts", "--ipc", "--cgroup", "--root", "--wd"));
        words.addAll(List.of(command));
        return CommandResult.of(new ProcessBuilder(words), ChildJvm.DEADLINE);
    }

    /** Runs a line of bash(1), which must succeed, and returns its output. */
    String shell(String line) throws IOException, InterruptedException {
        CommandResult result = run("/bin/bash", "-c", line);
        assertThat(result.status()).as("%s: %s", line, result).isZero();
        return result.out();
    }

    /** Writes a file. */
    void write(String path, String content) throws IOException {
        Path file = Path.of("/proc", pid, "root" + path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    /** Requests a page of a server on loopback, and returns the body of the answer. */
    String get(String port, String page) throws IOException, InterruptedException {
        String answer = shell("exec 3<>/dev/tcp/127.0.0.1/" + port + "; printf 'GET " + page
                + " HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3");
        return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }

    /** Returns properties of a unit, in this order. */
    Map<String, String> show(String unit, String... properties) throws IOException, InterruptedException {
        Map<String, String> values = new LinkedHashMap<>();
        for (String property : properties) {
            values.put(property,
                    run("systemctl", "show", "--value", "--property", property, unit).out().strip());
        }
        return values;
    }

    /** Returns the version of systemd. */
    int version() throws IOException, InterruptedException {
        return Integer.parseInt(run("systemctl", "--version").out().split(" ", -1)[1]);
    }

    /** Returns the messages of a unit. */
    String journal(String unit) throws IOException, InterruptedException {
        return run("journalctl", "--no-pager", "--output", "cat", "--unit", unit).out();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        script.getOutputStream().close();
        if (!script.waitFor(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
            script.destroyForcibly();
            throw new AssertionError("systemd-root does not end");
        }
    }
}
