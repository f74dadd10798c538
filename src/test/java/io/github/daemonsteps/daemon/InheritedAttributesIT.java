package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.testing.CommandRunner;
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
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The attributes of a process that its children and programs inherit, and a daemon too. */
@Daemons
class InheritedAttributesIT {

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
    }

    private int start(String... prefix) throws Exception {
        List<String> words = new ArrayList<>(List.of(prefix));
        words.addAll(
                List.of(CommandRunner.COMMAND, "start", "--name", "d", "--pid-file", runner.file("d.pid"),
                        "--log", runner.file("d.log"), "--", "sleep", "300"));
        CommandResult start = runner.run(words);
        Assumptions.assumeTrue(
                start.status() == 0 || !start.err().startsWith(prefix.length == 0 ? "-" : prefix[0]),
                start.err());
        assertThat(start.status()).as(start.err()).isZero();
        return Integer.parseInt(Files.readString(directory.resolve("d.pid")).trim());
    }

    private void stop() throws Exception {
        assertThat(runner.command("stop", "--pid-file", runner.file("d.pid")).status()).isZero();
    }

    private static Map<String, String> fields(int pid, String file) throws IOException {
        Map<String, String> fields = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("/proc", Integer.toString(pid), file))) {
            String[] words = line.split(":?\\s{2,}|:\\s+", 2);
            fields.put(words[0], words.length == 2 ? words[1].trim() : "");
        }
        return fields;
    }

    private static int niceness(String process) throws IOException {
        String stat = Files.readString(Path.of("/proc", process, "stat"));
        return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16]);
    }

    @Test
    void priority_processors_and_oom_score_are_inherited() throws Exception {
        int pid = start("nice", "-n", "5", "choom", "-n", "123", "--", Tool.need("taskset"), "-c", "0");
        assertThat(niceness(Integer.toString(pid))).isEqualTo(Math.min(19, niceness("self") + 5));
        assertThat(Path.of("/proc/" + pid + "/oom_score_adj")).hasContent("123");
        assertThat(fields(pid, "status")).containsEntry("Cpus_allowed_list", "0");
        stop();
    }

    @Test
    void limits_are_inherited() throws Exception {
        int pid = start(Tool.need("prlimit"), "--nofile=321:654", "--core=12288:45056", "--stack=8192000:");
        Map<String, String> limits = fields(pid, "limits");
        assertThat(limits.get("Max open files")).matches("321 +654 +files");
        assertThat(limits.get("Max core file size")).matches("12288 +45056 +bytes");
        assertThat(limits.get("Max stack size")).startsWith("8192000 ");
        stop();
    }

    @Test
    void control_group_and_seccomp_filter_are_inherited() throws Exception {
        int pid = start();
        assertThat(Files.readString(Path.of("/proc/" + pid + "/cgroup")))
                .isEqualTo(Files.readString(Path.of("/proc/self/cgroup")));
        int self = (int) ProcessHandle.current().pid();
        assertThat(fields(pid, "status").get("Seccomp")).isEqualTo(fields(self, "status").get("Seccomp"));
        stop();
    }

    @Test
    void no_new_privs_is_inherited() throws Exception {
        int pid = start(Tool.need("setpriv"), "--no-new-privs");
        assertThat(fields(pid, "status")).containsEntry("NoNewPrivs", "1");
        stop();
    }

    @Test
    void capability_bounding_set_is_inherited() throws Exception {
        Assumptions.assumeTrue(NativePosix.get().getuid() == 0, "only root can bound capabilities");
        int pid = start(Tool.need("setpriv"), "--bounding-set", "-sys_boot");

        long bounds = Long.parseUnsignedLong(fields(pid, "status").get("CapBnd"), 16);
        assertThat(bounds & 1L << 22).as("CAP_SYS_BOOT").isZero();
        stop();
    }

    @Test
    void namespaces_are_inherited() throws Exception {
        int pid = start(Tool.need("unshare"), "--uts");
        assertThat(Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/uts")))
                .isNotEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/uts")));
        assertThat(Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/net")))
                .isEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/net")));
        stop();
    }
}
