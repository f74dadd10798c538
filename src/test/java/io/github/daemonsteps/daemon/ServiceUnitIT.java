package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A start in a control group with the name that systemd gives that of a service. */
@Daemons
class ServiceUnitIT {

    private static final List<Path> HIERARCHIES =
            List.of(Path.of("/sys/fs/cgroup/systemd"), Path.of("/sys/fs/cgroup/unified"),
                    Path.of("/sys/fs/cgroup"));

    private Path directory;

    private final String unit = "daemon-steps-" + UUID.randomUUID() + ".service";
    private CommandRunner runner;
    private Path group;

    @BeforeEach
    void create(Launcher launcher, TestDirectory testDirectory) throws IOException {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory).with("INVOCATION_ID",
                "0123456789abcdef0123456789abcdef");
        group = HIERARCHIES.stream().filter(hierarchy -> Files.isWritable(hierarchy.resolve("cgroup.procs")))
                .findFirst().orElse(directory).resolve(unit);
        Assumptions.assumeFalse(group.startsWith(directory), "no control group can be made here");
        Files.createDirectory(group);
    }

    /** A control group with a process cannot be removed. */
    @AfterEach
    void remove() throws Exception {
        List<Integer> left = runner.processes();
        runner.killProcesses();
        Files.deleteIfExists(group);
        assertThat(left).isEmpty();
    }

    private CommandResult inService(List<String> words) throws Exception {
        return runner.shell("echo $$ >" + group + "/cgroup.procs && exec \"$@\"", words);
    }

    private CommandResult command(String... words) throws Exception {
        return inService(Stream.concat(Stream.of(CommandRunner.COMMAND), Stream.of(words)).toList());
    }

    private String warning(String who) {
        return who + ": warning: the daemon is in the control group of the systemd unit " + unit
                + " and is killed when that unit ends; let the unit use 'run' with Type=exec, or set Type=forking with"
                + " PIDFile=, or RemainAfterExit=yes\n";
    }

    @Test
    void start_and_restart_in_a_service_warn_and_succeed() throws Exception {
        String[] start =
                {"start", "--quiet", "--name", "d", "--pid-file", "d.pid", "--log", "d.log", "--", "sleep",
                    "300"};
        assertThat(command(start)).isEqualTo(new CommandResult(0, "", warning("daemon-steps")));
        assertThat(command(start)).as("it runs already").isEqualTo(new CommandResult(0, "", ""));
        start[0] = "restart";
        assertThat(command(start)).isEqualTo(new CommandResult(0, "", warning("daemon-steps")));
        assertThat(command("status", "--pid-file", "d.pid").err()).isEmpty();
        assertThat(command("stop", "--pid-file", "d.pid").err()).isEmpty();
    }

    @Test
    void start_for_a_service_that_follows_the_pid_file_does_not_warn() throws Exception {
        runner.with("PIDFILE", runner.file("d.pid"));
        assertThat(command("start", "--quiet", "--name", "d", "--pid-file", "d.pid", "--log", "d.log", "--",
                "sleep",
                "300")).isEqualTo(new CommandResult(0, "", ""));
        assertThat(command("stop", "--pid-file", "d.pid").status()).isZero();
    }

    @Test
    void start_outside_of_a_service_does_not_warn() throws Exception {
        CommandResult start = runner.by("env", "-u", "INVOCATION_ID").run(List.of("/bin/sh", "-c",
                "echo $$ >" + group + "/cgroup.procs && exec \"$@\"", "sh", CommandRunner.COMMAND, "start",
                "--quiet",
                "--name", "d", "--pid-file", "d.pid", "--log", "d.log", "--", "sleep", "300"));
        assertThat(start).isEqualTo(new CommandResult(0, "", ""));
        assertThat(command("stop", "--pid-file", "d.pid").status()).isZero();
    }

    @Test
    void start_of_an_application_in_a_service_warns_too() throws Exception {
        List<String> application = new ArrayList<>(
                ChildJvm.command(List.of("-Ddirectory=" + directory), Application.class, "start"));
        CommandResult start = inService(application);
        assertThat(start.status()).as("%s", start).isZero();
        assertThat(start.err()).isEqualTo(warning("app"));
        application.set(application.size() - 1, "stop");
        assertThat(inService(application).err()).isEmpty();
    }
}
