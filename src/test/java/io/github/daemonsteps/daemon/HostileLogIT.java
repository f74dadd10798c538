package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.daemon.HostileDirectory.Starter;
import io.github.daemonsteps.testing.Command;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The cases of {@link HostileFileIT} that only concern a log. The log is at a place where an attacker has been before: no daemon writes to a file of the attacker, and
 * no daemon is stopped for it.
 */
@ParameterizedClass
@EnumSource(Starter.class)
class HostileLogIT extends HostileFixture {

    private Path log;

    @BeforeEach
    void nameFile() {
        log = ground.path("d.log");
    }

    private Path precious() throws Exception {
        return ground.file("precious", HostileDirectory.SECRET + "\n");
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
    void start_with_missing_log_directory_in_a_world_writable_one_is_refused_at_once() throws Exception {
        Path missing = ground.sticky("sticky").resolve("missing");
        Map<String, String> results =
                ground.results(ground.path("d.pid"), missing.resolve("d.log"), "start", "status");
        assertThat(results.get("start")).startsWith("1 ").contains("\"" + missing + "\"", "ENOENT");
        assertThat(results.get("status")).startsWith("3 d: not running, pid file ");
        assertThat(missing).doesNotExist();
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
    void device_except_dev_null_is_refused() throws Exception {
        ground.refusesLog(Path.of("/dev/zero"), "is not a regular file");
        ground.refusesLog(Path.of("/dev/../dev/null"), "is not a regular file");
        Map<String, String> results =
                ground.results(ground.path("d.pid"), Path.of("/dev/null"), "start", "stop");
        assertThat(results.get("start")).startsWith("0 d: started");
        assertThat(results.get("stop")).startsWith("0 d: stopped");
    }

    @Test
    void huge_log_is_appended_to_and_its_end_is_shown() throws Exception {
        try (var huge = new RandomAccessFile(ground.file("d.log", "").toFile(), "rw")) {
            huge.setLength(8L << 30); // a hole needs no disk space
        }
        Map<String, String> results = ground.results(ground.path("d.pid"), log, "fail");
        assertThat(results.get("fail")).startsWith("1 d: not started: exited with status 3")
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
    void log_and_directory_of_the_user_in_a_world_writable_one_are_accepted() throws Exception {
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
