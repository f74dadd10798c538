package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.testing.Command;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A file that a daemon writes to, its pid file or its log, is at a place where an attacker has been before.
 * No subcommand writes to a file or signals a process of the attacker's choice.
 */
@ParameterizedClass
@CsvSource({"USER_OF_THE_TESTS, LOG", "USER_OF_THE_TESTS, PID_FILE", "ORDINARY_USER, LOG",
    "ORDINARY_USER, PID_FILE"})
class HostileFileIT extends HostileFixture {

    /** The purpose of the file. */
    private enum Purpose {
        LOG("log", "d.log", HostileDirectory.SECRET) {
            @Override
            void checkRefused(HostileDirectory ground, Path file, String why, Path... untouched)
                    throws Exception {
                ground.refusesLog(file, why, untouched);
            }
        },
        PID_FILE("pid file", "d.pid", "1\n") {
            @Override
            void checkRefused(HostileDirectory ground, Path file, String why, Path... untouched)
                    throws Exception {
                ground.refusesPidFile(file, why, untouched);
            }
        };

        private final String text;
        private final String fileName;
        private final String content;

        Purpose(String text, String fileName, String content) {
            this.text = text;
            this.fileName = fileName;
            this.content = content;
        }

        abstract void checkRefused(HostileDirectory ground, Path file, String why, Path... untouched)
                throws Exception;
    }

    @Parameter(1)
    private Purpose purpose;

    private Path file;

    @BeforeEach
    void nameFile() {
        file = ground.path(purpose.fileName);
    }

    private Path precious() throws Exception {
        return ground.file("precious", HostileDirectory.SECRET + "\n");
    }

    private void checkRefused(Path refused, String why, Path... untouched) throws Exception {
        purpose.checkRefused(ground, refused, why, untouched);
    }

    @Test
    void symbolic_link_is_refused() throws Exception {
        Path precious = precious();
        ground.link(file, precious);
        checkRefused(file, "the " + purpose.text + " \"" + file + "\" is a symbolic link", file, precious);
    }

    @Test
    void dangling_symbolic_link_creates_no_file() throws Exception {
        ground.link(file, ground.path("made"));
        checkRefused(file, "is a symbolic link", file);
        assertThat(ground.path("made")).doesNotExist();
    }

    @Test
    void hard_link_is_refused() throws Exception {
        Path precious = precious();
        Files.createLink(file, precious);
        checkRefused(file, "has 2 hard links; the file must have one name", file, precious);
    }

    @Test
    void directory_of_another_user_on_the_path_is_refused() throws Exception {
        Path theirs = ground.directory("theirs", "rwxr-xr-x");
        Path ours = ground.directory("theirs/ours", "rwxr-xr-x");
        HostileDirectory.give(theirs);
        String why = "the directory \"" + theirs + "\" on the path to the " + purpose.text;
        checkRefused(theirs.resolve(purpose.fileName), why, theirs);
        checkRefused(ours.resolve(purpose.fileName), why, theirs, ours);
        checkRefused(theirs.resolve("..").resolve(purpose.fileName), why, theirs);
    }

    @Test
    void world_writable_directory_is_refused() throws Exception {
        Path open = ground.directory("open", "rwxrwxrwx");
        checkRefused(open.resolve(purpose.fileName),
                "can be written to by all, and is not sticky: its mode is 0777", open);
    }

    @Test
    void file_of_another_user_is_refused_in_any_directory() throws Exception {
        Path theirs = HostileDirectory.give(Files.writeString(file, purpose.content));
        checkRefused(theirs, "belongs to user 65533", theirs);
        Path there = ground.sticky("sticky").resolve(purpose.fileName);
        HostileDirectory.give(Files.writeString(there, purpose.content));
        checkRefused(there, "belongs to user 65533", there);
    }

    @Test
    void cyclic_links_are_refused() throws Exception {
        ground.link(ground.path("a"), ground.path("b"));
        ground.link(ground.path("b"), ground.path("a"));
        checkRefused(ground.path("a").resolve(purpose.fileName),
                "Too many levels of symbolic links (ELOOP, 40)");
    }

    @Test
    void socket_is_refused() throws Exception {
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(file));
            ground.ours(file);
            checkRefused(file, "is not a regular file", file);
        }
    }

    @Test
    void directory_is_refused() throws Exception {
        ground.directory(purpose.fileName, "rwxr-xr-x");
        checkRefused(file, "is not a regular file", file);
    }

    @Test
    void block_device_of_the_user_is_refused() throws Exception {
        // No driver has 259:99: an opening would fail with ENXIO.
        Assumptions.assumeTrue(Command.run("mknod", file.toString(), "b", "259", "99").status() == 0,
                "this user, or this container, cannot make a device");
        ground.ours(file);
        checkRefused(file, "is not a regular file", file);
    }
}
