package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.daemon.HostileDirectory.Starter;
import io.github.daemonsteps.testing.Command;
import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The log is at a place where an attacker has been before: no daemon writes to a file of the attacker, and
 * no daemon is stopped for it.
 */
@ParameterizedClass
@EnumSource(Starter.class)
class HostileLogIT {

    @TempDir
    private static Path shared;

    private static Starters starters;

    @Parameter
    private Starter starter;

    @TempDir
    private Path directory;

    private HostileDirectory ground;
    private Path log;

    @BeforeAll
    static void openStarters() throws Exception {
        starters = new Starters(shared);
    }

    @AfterAll
    static void closeStarters() throws Exception {
        starters.close();
    }

    @BeforeEach
    void open() throws Exception {
        ground = new HostileDirectory(directory, starter, starters);
        log = ground.path("d.log");
    }

    @AfterEach
    void close() throws Exception {
        ground.close();
    }

    private Path precious() throws Exception {
        return ground.file("precious", HostileDirectory.SECRET + "\n");
    }

    @Test
    void symbolic_link_is_refused() throws Exception {
        Path precious = precious();
        ground.link(log, precious);
        ground.refusesLog(log, "the log \"" + log + "\" is a symbolic link", log, precious);
    }

    @Test
    void dangling_symbolic_link_creates_no_file() throws Exception {
        ground.link(log, ground.path("made"));
        ground.refusesLog(log, "is a symbolic link", log);
        assertThat(ground.path("made")).doesNotExist();
    }

    @Test
    void hard_link_is_refused() throws Exception {
        Path precious = precious();
        Files.createLink(log, precious);
        ground.refusesLog(log, "has 2 names", log, precious);
    }

    @Test
    void link_of_another_user_on_the_path_is_refused() throws Exception {
        Path precious = precious();
        Path link =
                HostileDirectory.give(Files.createSymbolicLink(ground.path("link"), precious.getParent()));
        ground.refusesLog(link.resolve("precious"),
                "the symbolic link \"" + link + "\" on the path to the log", precious);
    }

    @Test
    void directory_of_another_user_on_the_path_is_refused() throws Exception {
        Path theirs = ground.directory("theirs", "rwxr-xr-x");
        Path ours = ground.directory("theirs/ours", "rwxr-xr-x");
        HostileDirectory.give(theirs);
        String why = "the directory \"" + theirs + "\" on the path to the log";
        ground.refusesLog(theirs.resolve("d.log"), why, theirs);
        ground.refusesLog(ours.resolve("d.log"), why, theirs, ours);
    }

    @Test
    void world_writable_directory_is_refused() throws Exception {
        Path open = ground.directory("open", "rwxrwxrwx");
        ground.refusesLog(open.resolve("d.log"),
                "can be written to by all, and is not sticky: its mode is 0777", open);
    }

    @Test
    void file_of_another_user_is_refused_in_any_directory() throws Exception {
        Path theirs = HostileDirectory.give(Files.writeString(log, HostileDirectory.SECRET));
        ground.refusesLog(theirs, "belongs to user 65533", theirs);
        Path there = ground.sticky("sticky").resolve("d.log");
        HostileDirectory.give(Files.writeString(there, HostileDirectory.SECRET));
        ground.refusesLog(there, "belongs to user 65533", there);
    }

    @Test
    void missing_directory_in_a_world_writable_one_is_refused_at_once() throws Exception {
        Path missing = ground.sticky("sticky").resolve("missing");
        Map<String, String> results =
                ground.results(ground.path("d.pid"), missing.resolve("d.log"), "start", "status");
        assertThat(results.get("start")).startsWith("1 ").contains("\"" + missing + "\"", "ENOENT");
        assertThat(results.get("status")).startsWith("3 d: not running, pid file ");
        assertThat(missing).doesNotExist();
    }

    @Test
    void cyclic_links_are_refused() throws Exception {
        ground.link(ground.path("a"), ground.path("b"));
        ground.link(ground.path("b"), ground.path("a"));
        ground.refusesLog(ground.path("a/d.log"), "Too many levels of symbolic links (ELOOP, 40)");
    }

    @Test
    void fifo_is_refused_and_does_not_block_with_or_without_a_reader() throws Exception {
        assertThat(Command.run("mkfifo", log.toString()).status()).isZero();
        ground.ours(log);
        ground.refusesLog(log, "is not a regular file", log);
        try (var reader = new RandomAccessFile(log.toFile(), "rw")) { // opening a FIFO for both does not wait
            assertThat(reader.getFD().valid()).isTrue();
            ground.refusesLog(log, "is not a regular file", log);
        }
    }

    @Test
    void socket_is_refused() throws Exception {
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(log));
            ground.ours(log);
            ground.refusesLog(log, "is not a regular file", log);
        }
    }

    @Test
    void directory_is_refused() throws Exception {
        ground.directory("d.log", "rwxr-xr-x");
        ground.refusesLog(log, "is not a regular file", log);
    }

    @Test
    void device_except_dev_null_is_refused() throws Exception {
        ground.refusesLog(Path.of("/dev/zero"), "is not a regular file");
        ground.refusesLog(Path.of("/dev/../dev/null"), "is not a regular file");
        Map<String, String> results =
                ground.results(ground.path("d.pid"), Path.of("/dev/null"), "start", "stop");
        assertThat(results.get("start")).startsWith("0 d: started");
        assertThat(results.get("stop")).startsWith("0 d: stopped");
    }

    @Test
    void block_device_of_the_user_is_refused() throws Exception {
        // No driver has 259:99: an opening would fail with ENXIO.
        Assumptions.assumeTrue(Command.run("mknod", log.toString(), "b", "259", "99").status() == 0,
                "this user, or this container, cannot make a device");
        ground.ours(log);
        ground.refusesLog(log, "is not a regular file", log);
    }

    @Test
    void huge_log_is_appended_to_and_its_end_is_shown() throws Exception {
        try (var huge = new RandomAccessFile(ground.file("d.log", "").toFile(), "rw")) {
            huge.setLength(8L << 30); // a hole needs no disk space
        }
        Map<String, String> results = ground.results(ground.path("d.pid"), log, "fail");
        assertThat(results.get("fail")).startsWith("1 d: not started: it ended with exit status 3")
                .endsWith("[written]");
        assertThat(log).hasSize((8L << 30) + "written\n".length());
    }

    @Test
    void binary_content_of_log_stays_and_is_not_shown() throws Exception {
        ground.file("d.log", "\u007fELF\0\u001b[31m" + HostileDirectory.SECRET);
        Map<String, String> results = ground.results(ground.path("d.pid"), log, "fail");
        assertThat(results.get("fail")).endsWith("[written]").doesNotContain(HostileDirectory.SECRET);
        assertThat(log).hasContent("\u007fELF\0\u001b[31m" + HostileDirectory.SECRET + "written\n");
    }

    @Test
    void file_and_directory_of_the_user_in_a_world_writable_one_are_accepted() throws Exception {
        Path sticky = ground.sticky("sticky");
        for (Path will : List.of(sticky.resolve("d.log"),
                ground.directory("sticky/ours", "rwxrwxr-x").resolve("d.log"),
                ground.link(sticky.resolve("link"), sticky.resolve("ours")).resolve("d2.log"))) {
            for (int i = 1; i <= 2; i++) { // the first start creates it
                assertThat(ground.results(ground.path("d.pid"), will, "start", "stop").get("start"))
                        .startsWith("0 d: started");
            }
            assertThat(will).exists();
        }
    }
}
