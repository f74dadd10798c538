package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.testing.Command;
import io.github.daemonsteps.testing.OrdinaryUser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A launcher whose {@code /proc/self} belongs to root, as that of a {@code java} with file capabilities does. */
class UninspectableIT {

    @TempDir
    private Path directory;

    private OrdinaryUser user;
    private Path files;

    @BeforeEach
    void open() throws Exception {
        user = new OrdinaryUser(directory);
        files = Files.createDirectory(directory.resolve("files"));
        if (!user.prefix().isEmpty()) {
            Files.setAttribute(files, "unix:uid", (int) user.uid());
        }
        Files.setPosixFilePermissions(files, PosixFilePermissions.fromString("rwx------"));
    }

    private Command run(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("env", "-i", "PATH=/usr/bin:/bin", "ODD=\u00e9\n="));
        command.addAll(user.command(List.of(), Uninspectable.class, arguments));
        return Command.run(command.toArray(String[]::new));
    }

    @Test
    void environment_is_that_of_the_c_library() throws Exception {
        assertThat(run().output().lines()).contains("\"PATH=/usr/bin:/bin\"").hasSizeBetween(2, 3)
                .anyMatch(line -> line.startsWith("\"ODD="));
    }

    @Test
    void daemon_is_started_found_and_stopped() throws Exception {
        String[] daemon = {"--name", "d", "--pid-file", files.resolve("d.pid").toString()};
        Command start = run("start", daemon[0], daemon[1], daemon[2], daemon[3], "--log",
                files.resolve("d.log").toString(), "--", "/bin/sleep", "300");
        assertThat(start.output()).startsWith("d: started, pid ");
        try {
            assertThat(run("status", daemon[0], daemon[1], daemon[2], daemon[3]).output())
                    .startsWith("d: running, pid ");
        } finally {
            assertThat(run("stop", daemon[0], daemon[1], daemon[2], daemon[3]).output())
                    .startsWith("d: stopped, pid ");
        }
    }
}
