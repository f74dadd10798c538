package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.daemon.HostileDirectory.Starter;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.testing.Command;
import io.github.daemonsteps.testing.Snapshot;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The cases of {@link HostileFileIT} that only concern a pid file. The pid file is at a place where an attacker has been before: no subcommand writes to a file or signals a
 * process of the attacker's choice.
 */
@ParameterizedClass
@EnumSource(Starter.class)
class HostilePidFileIT extends HostileFixture {

    private static final String NOT_A_PID_FILE =
            ": not a pid file: its content is not a process id; name another pid file";

    private Path file;

    @BeforeEach
    void nameFile() {
        file = ground.path("d.pid");
    }

    @Test
    void hard_link_to_the_pid_file_of_another_daemon_stops_no_daemon() throws Exception {
        Path other = ground.path("other.pid");
        int pid = ground.daemon(other);
        Files.createLink(file, other);
        ground.refusesPidFile(file, "has 2 hard links; the file must have one name", file, other);
        assertThat(Processes.hasEnded(pid)).isFalse();
    }

    @Test
    void link_of_another_user_on_the_path_names_no_daemon() throws Exception {
        Path other = ground.directory("other", "rwxr-xr-x").resolve("d.pid");
        int pid = ground.daemon(other);
        Path link = HostileDirectory.give(Files.createSymbolicLink(ground.path("link"), other.getParent()));
        ground.refusesPidFile(link.resolve("d.pid"),
                "the symbolic link \"" + link + "\" on the path to the pid file \""
                        + link + "/d.pid\" belongs to user 65533",
                link, other);
        assertThat(Processes.hasEnded(pid)).isFalse();
    }

    @Test
    void link_in_a_directory_of_another_user_names_no_daemon() throws Exception {
        Path other = ground.directory("other", "rwxr-xr-x").resolve("d.pid");
        int pid = ground.daemon(other);
        Path theirs = ground.directory("theirs", "rwxr-xr-x");
        // The file is ours, as if the attacker had moved it there.
        ground.link(theirs.resolve("link"), other.getParent());
        HostileDirectory.give(theirs);
        ground.refusesPidFile(theirs.resolve("link/d.pid"), "the directory \"" + theirs + "\" on the path",
                other);
        assertThat(Processes.hasEnded(pid)).isFalse();
    }

    @Test
    void hard_link_to_a_link_in_a_world_writable_directory_names_no_daemon() throws Exception {
        Path other = ground.directory("other", "rwxr-xr-x").resolve("d.pid");
        int pid = ground.daemon(other);
        Path ours = ground.link(ground.path("ours"), other.getParent());
        Path theirs = ground.sticky("sticky").resolve("theirs");
        Files.createLink(theirs, ours);
        ground.refusesPidFile(theirs.resolve("d.pid"), "the symbolic link \"" + theirs + "\" on the path",
                other);
        assertThat(Processes.hasEnded(pid)).isFalse();
    }

    @Test
    void directory_or_link_of_another_user_in_a_world_writable_one_is_refused() throws Exception {
        Path sticky = ground.sticky("sticky");
        Path theirs = HostileDirectory.give(Files.createDirectory(sticky.resolve("theirs")));
        ground.refusesPidFile(theirs.resolve("d.pid"), "the directory \"" + theirs + "\" on the path",
                theirs);
        Path link = HostileDirectory.give(Files.createSymbolicLink(sticky.resolve("link"), directory));
        ground.refusesPidFile(link.resolve("d.pid"), "the symbolic link \"" + link + "\" on the path", link);
    }

    @Test
    void start_with_missing_pid_file_directory_in_a_world_writable_one_is_refused_at_once() throws Exception {
        Path missing = ground.sticky("sticky").resolve("missing");
        Map<String, String> results =
                ground.results(missing.resolve("d.pid"), ground.path("d.log"), "start",
                        "status", "stop", "reload");
        assertThat(results.get("start")).startsWith("1 ").contains("\"" + missing + "\"", "ENOENT");
        String notRunning = " d: not running, pid file " + missing.resolve("d.pid");
        assertThat(results).containsEntry("status", "3" + notRunning).containsEntry("stop", "0" + notRunning)
                .containsEntry("reload", "7" + notRunning);
        assertThat(missing).doesNotExist();
    }

    /** As if the user of another daemon had moved two logs there that root has created. */
    @Test
    void file_and_record_of_ours_in_a_world_writable_directory_name_no_daemon_without_the_lock()
            throws Exception {
        Path other = ground.path("other.pid");
        int pid = ground.daemon(other);
        Path moved = ground.sticky("sticky").resolve("d.pid");
        ground.ours(Files.copy(other, moved));
        Path record =
                ground.ours(Files.copy(ground.path("other.pid.record"), ground.path("sticky/d.pid.record")));
        String why = "process " + pid + " does not hold the lock";
        ground.refusesPidFile(moved, why, moved, record, other);
        assertThat(Processes.hasEnded(pid)).isFalse();
    }

    @Test
    void record_of_another_user_is_refused() throws Exception {
        Path record =
                HostileDirectory.give(Files.createFile(ground.sticky("sticky").resolve("d.pid.record")));
        Map<String, String> results =
                ground.results(ground.path("sticky/d.pid"), ground.path("d.log"), "start");
        assertThat(results.get("start"))
                .startsWith("1 d: not started: the record \"" + record + "\" belongs to user 65533");
        assertThat(record).exists();
        assertThat(ground.path("sticky/d.pid")).doesNotExist();
    }

    @Test
    void file_writable_by_group_or_others_is_refused() throws Exception {
        ground.file("d.pid", "1\n");
        for (String permissions : List.of("rw-rw-r--", "rw-r--rw-")) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
            ground.refusesPidFile(file, "can be written to by others: its mode is 06", file);
        }
    }

    @Test
    void fifo_is_refused_and_does_not_block() throws Exception {
        assertThat(Command.run("mkfifo", file.toString()).status()).isZero();
        ground.ours(file);
        ground.refusesPidFile(file, "is not a regular file", file);
    }

    @Test
    void fifo_on_the_path_is_refused_and_does_not_block() throws Exception {
        Path fifo = ground.path("fifo");
        assertThat(Command.run("mkfifo", fifo.toString()).status()).isZero();
        Map<String, String> results =
                ground.results(fifo.resolve("d.pid"), ground.path("d.log"), "start", "status",
                        "stop", "reload");
        assertThat(results.values()).allSatisfy(result -> assertThat(result).contains("ENOTDIR"));
        assertThat(results.get("status")).startsWith("4 ");
        assertThat(results.get("start")).startsWith("1 ");
        assertThat(results.get("stop")).startsWith("1 ");
    }

    @Test
    void device_is_refused() throws Exception {
        ground.refusesPidFile(Path.of("/dev/null"), "is not a regular file");
        ground.refusesPidFile(Path.of("/dev/zero"), "is not a regular file");
    }

    @Test
    void pid_file_with_invalid_number_matches_no_process() throws Exception {
        Process stranger = new ProcessBuilder("/bin/sleep", "300").start();
        try {
            for (String content : List.of("", "\n", "1", "1\n", "0\n", stranger.pid() + "\n",
                    stranger.pid() + "\n\n", " " + stranger.pid() + "\n", "99999999999999\n",
                    (stranger.pid() + (1L << 32)) + "\n", "\0\0\0\n", "12\0\0")) {
                write(content);
                Map<String, String> results =
                        ground.results(file, ground.path("d.log"), "status", "reload", "stop");
                assertThat(results.get("status")).as(content).startsWith("1 d: dead");
                assertThat(results.get("reload")).as(content)
                        .isEqualTo("7 d: not running, pid file " + file);
                assertThat(results.get("stop")).as(content).isEqualTo("0 d: not running, pid file " + file);
                assertThat(file).doesNotExist();
                assertThat(stranger.isAlive()).as(content).isTrue();
            }
        } finally {
            stranger.destroyForcibly().waitFor();
        }
    }

    @Test
    void file_that_is_not_a_pid_file_is_neither_acquired_nor_removed() throws Exception {
        Path record = ground.path("d.pid.record");
        for (String content : List.of("my only notes\n", "-1\n", "0x10\n", "1 2\n", "1\n2\n", "\u00b2\n",
                "\u007fELF\u0001\u00ff\u00fe\0\u001b[31m\n", "9".repeat(33), "\n".repeat(100_000))) {
            write(content);
            ground.refusesPidFile(file, NOT_A_PID_FILE, file);
            assertThat(record).doesNotExist();
        }
    }

    @Test
    void huge_pid_file_is_not_read_and_stays() throws Exception {
        try (var huge = new RandomAccessFile(ground.file("d.pid", "").toFile(), "rw")) {
            huge.setLength(8L << 30); // a hole needs no disk space
        }
        Map<String, String> results =
                ground.results(file, ground.path("d.log"), "start", "status", "stop", "reload");
        assertThat(results.values())
                .allSatisfy(result -> assertThat(result).contains(NOT_A_PID_FILE));
        assertThat(Files.size(file)).isEqualTo(8L << 30);
    }

    private void write(String content) throws IOException {
        Files.write(file, content.getBytes(StandardCharsets.ISO_8859_1));
        ground.ours(file);
    }

    @Test
    void pid_file_and_directory_of_the_user_in_a_world_writable_one_are_accepted() throws Exception {
        Path sticky = ground.sticky("sticky");
        for (Path pidFile : List.of(sticky.resolve("d.pid"), ground.directory("sticky/ours", "rwxrwxr-x")
                .resolve("d.pid"),
                ground.link(sticky.resolve("link"), sticky.resolve("ours")).resolve("d.pid"))) {
            Map<String, String> results =
                    ground.results(pidFile, ground.path("d.log"), "start", "status", "stop");
            assertThat(results.get("start")).startsWith("0 d: started");
            assertThat(results.get("status")).startsWith("0 d: running");
            assertThat(results.get("stop")).startsWith("0 d: stopped");
            assertThat(pidFile).doesNotExist();
        }
    }

    @Test
    void daemon_of_root_is_visible_to_all_and_controlled_by_root_alone() throws Exception {
        Assumptions.assumeTrue(NativePosix.get().getuid() == 0 && starter == Starter.ORDINARY_USER,
                "root starts it, and an ordinary user asks");
        Path directoryOfRoot = Files.createDirectory(directory.resolve("run"));
        Path roots = directoryOfRoot.resolve("d.pid");
        try (var root = new HostileDirectory(Files.createDirectory(directory.resolve("root")),
                Starter.USER_OF_THE_TESTS, starters)) {
            int pid = root.daemon(roots);
            List<String> look = new ArrayList<>(starters.ordinary().prefix());
            look.addAll(List.of("ls", "/proc/" + pid));
            Assumptions.assumeTrue(Command.run(look.toArray(String[]::new)).status() == 0,
                    "this /proc hides the processes of root from an ordinary user (hidepid)");
            Snapshot before = Snapshot.of(roots);
            Map<String, String> results =
                    ground.results(roots, ground.path("d.log"), "status", "start", "stop", "reload");
            assertThat(results.get("status")).startsWith("0 d: running, pid " + pid + ", since ");
            assertThat(results.get("start")).isEqualTo("0 d: runs already, pid " + pid);
            assertThat(results.get("stop")).startsWith("4 d: not stopped: ");
            assertThat(results.get("reload"))
                    .startsWith("1 d: not reloaded: process " + pid + " does not catch");
            assertThat(Snapshot.of(roots)).isEqualTo(before);
            assertThat(Processes.hasEnded(pid)).isFalse();
        }
    }
}
