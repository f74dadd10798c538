package io.github.daemonsteps.supervisors;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.FreePort;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The section of docs/supervisors.md about cron and ssh, with an sshd on loopback. */
@Daemons
class SshIT {

    private static final String SECTION = "cron and ssh";

    private Supervised example;
    private Path directory;

    @BeforeEach
    void create(Launcher launcher, TestDirectory testDirectory) throws IOException {
        directory = testDirectory.path();
        // sshd gives the daemon another environment than that of the test.
        example = new Supervised(SECTION, launcher, directory, Map.of());
    }

    private void stop() throws Exception {
        String stop = command("java ").replaceFirst(" start .*", " stop");
        CommandResult stopped = example.runner().shell(stop, List.of());
        assertThat(stopped.status()).as("%s", stopped).isZero();
    }

    /** Returns the line of the section with this text, from the java command on. */
    private String command(String text) {
        return example.adapt(SupervisorsPage.commands(SECTION).stream()
                .map(SupervisorsPage.Commands::lines).filter(lines -> lines.contains(text)).findFirst()
                .orElseThrow().replaceFirst(".*(?=/usr/bin/java)", "").strip());
    }

    /** As cron does: a shell without a terminal and with little environment. */
    @Test
    void daemon_started_by_crontab_line_keeps_running() throws Exception {
        CommandResult start = example.runner().by("setsid", "--wait", "env", "-u", "XDG_STATE_HOME")
                .shell(command("@reboot"), List.of());
        assertThat(start.status()).as("%s", start).isZero();
        assertThat(example.get("/")).isEqualTo("hello, 0 reloads\n");
        stop();
    }

    @Test
    void daemon_that_ssh_starts_survives_the_session_and_does_not_hold_it() throws Exception {
        int port = FreePort.find();
        Path key = directory.resolve("key");
        for (Path each : List.of(key, directory.resolve("host_key"))) {
            assertThat(example.runner().run(List.of(Tool.need("ssh-keygen"), "-q", "-t", "ed25519", "-N", "",
                    "-f", each.toString())).status()).isZero();
        }
        Files.copy(directory.resolve("key.pub"), directory.resolve("authorized_keys"));
        Path configuration = Files.writeString(directory.resolve("sshd_config"), String.format(Locale.ROOT, """
                ListenAddress 127.0.0.1:%2$d
                HostKey %1$s/host_key
                AuthorizedKeysFile %1$s/authorized_keys
                PidFile none
                StrictModes no
                UsePAM no
                PasswordAuthentication no
                KbdInteractiveAuthentication no
                PermitRootLogin prohibit-password
                SetEnv %3$s
                """, directory, port, example.tag()));
        List<String> words = new ArrayList<>();
        if (NativePosix.get().getuid() == 0) {
            // sshd needs this directory of root, and the machine may lack it.
            words.addAll(List.of(Tool.need("unshare"), "--mount", "/bin/sh", "-ec",
                    "mount -t tmpfs tmpfs /run; mkdir -m 755 /run/sshd; exec \"$@\"", "sh"));
        }
        words.addAll(List.of(Tool.path("sshd"), "-D", "-e", "-f", configuration.toString()));
        Process sshd = example.supervisor(words.toArray(String[]::new));
        try {
            Await.until(() -> example.log().contains("listening on"), example::log);
            List<String> ssh = List.of(Tool.need("ssh"), "-F", "none", "-i", key.toString(), "-p",
                    Integer.toString(port), "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o",
                    "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "127.0.0.1",
                    command("ssh server"));
            CommandResult start = example.runner().run(ssh);
            Assumptions.assumeFalse(example.log().contains("not allowed because"),
                    "the account of this user has no login: " + example.log());
            assertThat(start.out()).as("%s%n%s", start, example.log()).startsWith("hello: started, pid ");
            assertThat(start.status()).isZero();
            assertThat(example.get("/")).isEqualTo("hello, 0 reloads\n");
        } finally {
            sshd.destroy();
            assertThat(sshd.waitFor(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
        assertThat(example.get("/")).as("sshd has ended").isEqualTo("hello, 0 reloads\n");
        stop();
    }
}
