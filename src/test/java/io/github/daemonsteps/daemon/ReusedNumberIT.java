package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Command;
import io.github.daemonsteps.testing.Tool;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Another process has the number of a daemon that has ended. No subcommand signals that process. The end of
 * the namespace ends all of its processes.
 */
class ReusedNumberIT {

    private static final List<String> NAMESPACE = List.of("unshare", "--pid", "--fork", "--kill-child",
            "--mount-proc", "/bin/sh", "-c", "\"$@\"; exit $?", "sh"); // process 1 cannot start a daemon

    @TempDir
    private Path directory;

    private List<String> facts(String what) throws Exception {
        Tool.need("unshare");
        List<String> probe = new ArrayList<>(NAMESPACE);
        probe.addAll(List.of("/bin/sh", "-c", "echo 300 > /proc/sys/kernel/ns_last_pid"));
        Command probed = Command.run(probe.toArray(String[]::new));
        Assumptions.assumeTrue(probed.status() == 0, "this user may not choose a number: " + probed);
        List<String> command = new ArrayList<>(NAMESPACE);
        command.addAll(ChildJvm.command(List.of(), ReusedNumber.class, what, directory.toString()));
        try (var jvm = ChildJvm.start(new ProcessBuilder(command))) {
            return jvm.rest();
        }
    }

    @Test
    void process_group_with_reused_number_is_not_signalled() throws Exception {
        Tool.need("python3");
        assertThat(facts("GROUP")).containsExactly("group has the number: true", "adopted: false", "ended: 0",
                "remaining: []", "member has ended: false");
    }

    @Test
    void process_with_reused_number_does_not_hold_the_lock_of_the_daemons_child() throws Exception {
        assertThat(facts("LOCK")).containsExactly("process has the number: true",
                "status is that of the child: true", "stop: Failed", "reload: NotRunning",
                "process has ended: false");
    }
}
