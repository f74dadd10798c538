package io.github.daemonsteps.daemon.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.CallInterceptor;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.PosixException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The path to a file is followed as the kernel follows it, and each user who could redirect it must be
 * trusted.
 */
class PathCheckerIT {

    private static final long OTHER = 65534;

    @TempDir
    private Path directory;

    private final NativePosix posix = NativePosix.get();
    private final TrustedOwners trusted = TrustedOwners.ofThisProcess(posix);

    @BeforeEach
    void lay() throws Exception {
        Files.createDirectories(directory.resolve("a/b"));
        Files.writeString(directory.resolve("a/b/file"), "");
        Files.createSymbolicLink(directory.resolve("absolute"), directory.resolve("a"));
        Files.createSymbolicLink(directory.resolve("a/relative"), Path.of("../a/b"));
        Files.createSymbolicLink(directory.resolve("up"), Path.of("absolute/relative/.."));
    }

    private PathChecker way(String path) {
        return new PathChecker("file", CString.of(directory + "/" + path), trusted,
                trusted.and(Set.of(OTHER)));
    }

    private static void giveAway(Path file) throws Exception {
        Assumptions.assumeTrue(NativePosix.get().getuid() == 0, "only root can give files away");
        Files.setAttribute(file, "unix:uid", (int) OTHER, LinkOption.NOFOLLOW_LINKS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b/file", "a//b/./file", "a/b/../b/file", "absolute/b/file", "a/relative/file",
        "absolute/relative/file", "up/b/file", "up/relative/../../a/b/file",
        "../../../../../../../..DIR/a/b/file"})
    void path_leads_to_the_file_that_the_kernel_finds(String path) throws Exception {
        String whole = path.replace("DIR", directory.toString());
        FileStatus there = posix.stat(directory + "/" + whole);
        assertThat(way(whole).walk(posix)).hasValueSatisfying(
                file -> assertThat(file.isSameFileAs(there)).isTrue());
    }

    @Test
    void missing_file_is_accepted_and_missing_directory_refused() throws Exception {
        assertThat(way("a/b/none").walk(posix)).isEmpty();
        assertThatThrownBy(() -> way("a/none/file").walk(posix)).isInstanceOfSatisfying(PosixException.class,
                failed -> assertThat(failed.errno()).isEqualTo(Errno.ENOENT));
        assertThatThrownBy(() -> way("a/b/file/file").walk(posix)).isInstanceOfSatisfying(
                PosixException.class,
                failed -> assertThat(failed.errno()).isEqualTo(Errno.ENOTDIR));
    }

    @Test
    void forty_links_at_most_are_followed() throws Exception {
        Files.createSymbolicLink(directory.resolve("l1"), Path.of("a/b"));
        for (int i = 2; i <= 41; i++) {
            Files.createSymbolicLink(directory.resolve("l" + i), Path.of("l" + (i - 1)));
        }
        assertThat(way("l40/file").walk(posix)).isPresent();
        assertThat(posix.stat(directory + "/l40/file").isRegularFile()).as("as by the kernel").isTrue();
        assertThatThrownBy(() -> way("l41/file").walk(posix)).hasMessageContaining("ELOOP");
        assertThatThrownBy(() -> posix.stat(directory + "/l41/file")).hasMessageContaining("ELOOP");
    }

    @Test
    void last_name_of_path_is_not_followed() throws Exception {
        Files.createSymbolicLink(directory.resolve("a/link"), Path.of("b/file"));
        assertThatThrownBy(() -> way("a/link").walk(posix)).isInstanceOf(FileRefusedException.class)
                .hasMessageEndingWith("is a symbolic link, which is not followed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b/", "a/b/.", "a/b/..", "absolute/.", "absolute/", "../../../../../../../.."})
    void path_of_a_directory_is_refused(String path) {
        assertThatThrownBy(() -> way(path).check(way(path).walk(posix).orElseThrow()))
                .isInstanceOf(FileRefusedException.class);
    }

    @Test
    void group_writable_directory_is_accepted_and_world_writable_refused() throws Exception {
        Path ours = directory.resolve("a");
        Files.setPosixFilePermissions(ours, PosixFilePermissions.fromString("rwxrwxr-x"));
        assertThat(way("a/b/file").walk(posix)).isPresent();
        Files.setPosixFilePermissions(ours, PosixFilePermissions.fromString("rwxrwxrwx"));
        for (String path : new String[]{"a/b/file", "absolute/b/file", "a/b/../../a/b/file",
            "a/relative/file"}) {
            assertThatThrownBy(() -> way(path).walk(posix)).as(path)
                    .isInstanceOf(FileRefusedException.class)
                    .hasMessageContaining("the directory \"" + ours + "\" on the path to the file")
                    .hasMessageEndingWith("can be written to by all, and is not sticky: its mode is 0777");
        }
        Files.setAttribute(ours, "unix:mode", 01777);
        assertThat(way("a/b/file").walk(posix)).isPresent();
    }

    @Test
    void user_of_the_daemon_may_own_the_file_and_its_directory() throws Exception {
        giveAway(directory.resolve("a/b/file"));
        giveAway(directory.resolve("a/b"));
        FileStatus file = way("a/b/file").walk(posix).orElseThrow();
        way("a/b/file").check(file);
        assertThat(way("absolute/b/file").walk(posix)).isPresent();
        assertThat(way("a/b/new").walk(posix)).isEmpty();
        PathChecker withoutIt =
                new PathChecker("file", CString.of(directory + "/a/b/file"), trusted, trusted);
        assertThatThrownBy(() -> withoutIt.walk(posix)).isInstanceOf(FileRefusedException.class)
                .hasMessageEndingWith("belongs to user 65534, who is not trusted");
        assertThatThrownBy(() -> withoutIt.check(file)).isInstanceOf(FileRefusedException.class);
    }

    @Test
    void directory_of_the_user_in_a_world_writable_one_is_refused() throws Exception {
        giveAway(directory.resolve("a/b"));
        Files.setAttribute(directory.resolve("a"), "unix:mode", 01777);
        assertThatThrownBy(() -> way("a/b/file").walk(posix)).isInstanceOf(FileRefusedException.class)
                .hasMessageEndingWith("belongs to user 65534, in a directory that all can write to");
    }

    @Test
    void user_of_the_daemon_may_not_own_a_directory_above() throws Exception {
        giveAway(directory.resolve("a"));
        assertThatThrownBy(() -> way("a/b/file").walk(posix)).isInstanceOf(FileRefusedException.class);
        assertThatThrownBy(() -> way("a/../a/b/file").walk(posix)).isInstanceOf(FileRefusedException.class);
        assertThatThrownBy(() -> way("absolute/b/file").walk(posix))
                .isInstanceOf(FileRefusedException.class);
    }

    @Test
    void user_of_the_daemon_may_not_own_a_link() throws Exception {
        giveAway(directory.resolve("a/relative"));
        assertThatThrownBy(() -> way("a/relative/file").walk(posix))
                .isInstanceOf(FileRefusedException.class)
                .hasMessageContaining("the symbolic link \"" + directory + "/a/relative\" on the path");
    }

    /** What another user can put into a sticky directory. */
    enum Entry {
        NOTHING, LINK, DANGLING_LINK, DIRECTORY, FILE;

        void replace(Path at, Path target) throws Exception {
            if (Files.isDirectory(at, LinkOption.NOFOLLOW_LINKS)) {
                Files.deleteIfExists(at.resolve("file"));
            }
            Files.deleteIfExists(at);
            switch (this) {
                case NOTHING -> {
                    return;
                }
                case LINK -> Files.createSymbolicLink(at, target);
                case DANGLING_LINK -> Files.createSymbolicLink(at, Path.of("nowhere"));
                case DIRECTORY -> Files.createFile(Files.createDirectory(at).resolve("file"));
                case FILE -> Files.createFile(at);
            }
            giveAway(at);
        }
    }

    /** Replaces an entry before each of the calls that name it. */
    private static final class Replacing implements CallInterceptor {

        private final Path at;
        private final Path target;
        private final List<Entry> entries;
        private int calls;

        Replacing(Path at, Path target, List<Entry> entries) {
            this.at = at;
            this.target = target;
            this.entries = entries;
        }

        @Override
        public void before(List<Call> request) {
            if (request.getFirst().text().contains(at.toString()) && calls < entries.size()) {
                try {
                    entries.get(calls++).replace(at, target);
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void entry_of_another_user_that_changes_between_the_calls_is_not_followed(Entry first) throws Exception {
        Assumptions.assumeTrue(posix.getuid() == 0, "only root can give files away");
        Path sticky = Files.createDirectory(directory.resolve("sticky"));
        Files.setAttribute(sticky, "unix:mode", 01777);
        Path entry = sticky.resolve("entry");
        var checker = new PathChecker("file", CString.of(entry.resolve("file")), trusted, trusted);
        for (Entry second : Entry.values()) {
            for (Entry third : Entry.values()) {
                List<Entry> entries = List.of(first, second, third);
                NativePosix intercepted = NativePosix
                        .intercepted(new Replacing(entry, directory.resolve("a/b"), entries));
                assertThatThrownBy(() -> checker.walk(intercepted)).as("%s", entries)
                        .isInstanceOfAny(FileRefusedException.class, PosixException.class);
            }
        }
        Entry.NOTHING.replace(entry, entry);
    }

    @Test
    void root_directory_is_refused() throws Exception {
        var way = new PathChecker("file", PathChecker.ROOT, trusted, trusted);
        FileStatus root = way.walk(posix).orElseThrow();
        assertThat(root.isSameFileAs(posix.stat("/"))).isTrue();
        assertThatThrownBy(() -> way.check(root)).hasMessage("the file \"/\" is not a regular file");
    }

    @Test
    void control_bytes_are_shown_escaped() {
        var odd = CString.ofBytes(new byte[]{'/', 't', 'm', 'p', '/', 'x', 27, '[', (byte) 0xff, '/', 'f'});
        assertThatThrownBy(() -> new PathChecker("file", odd, trusted, trusted).walk(posix))
                .hasMessageContaining("/tmp/x\\x1b[\\xff");
    }

    @Test
    void root_and_the_calling_user_are_trusted() {
        assertThat(trusted.users()).contains(0L, posix.getuid(), posix.lstat(PathChecker.ROOT).uid())
                .hasSizeLessThan(4);
    }
}
