package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.cli.Main;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Snapshot;
import io.github.daemonsteps.testkit.CommandResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/**
 * A place where an attacker has been before a user who starts daemons. The directory and its files belong
 * to that user, unless they are {@linkplain #give given} to the attacker. {@link #close} kills all
 * processes of the test.
 */
final class HostileDirectory implements AutoCloseable {

    /** The user who starts daemons. */
    enum Starter {
        USER_OF_THE_TESTS, ORDINARY_USER
    }

    /** The attacker: neither root nor the user who starts daemons. */
    static final int ATTACKER = 65533;

    /** The content of a file that must not be written to or shown. */
    static final String SECRET = "a secret";

    private final Starter starter;
    private final Starters starters;
    private final Path directory;
    private final long uid;

    /** In a directory with other files, which all users may enter. */
    HostileDirectory(Path directory, Starter starter, Starters starters) throws IOException {
        this.starter = starter;
        this.starters = starters;
        this.uid = starter == Starter.ORDINARY_USER ? starters.ordinary().uid() : NativePosix.get().getuid();
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        this.directory = ours(Files.createDirectory(directory.resolve("ground")));
    }

    long uid() {
        return uid;
    }

    Path path(String name) {
        return directory.resolve(name);
    }

    /** Creates a file of the user who starts daemons. */
    Path ours(Path file) throws IOException {
        if (uid != NativePosix.get().getuid()) {
            chown(file, uid);
        }
        return file;
    }

    /** Gives a file to the attacker. */
    static Path give(Path file) throws IOException {
        Assumptions.assumeTrue(NativePosix.get().getuid() == 0, "only root can give files away");
        return chown(file, ATTACKER);
    }

    private static Path chown(Path file, long uid) throws IOException {
        return Files.setAttribute(file, "unix:uid", (int) uid, LinkOption.NOFOLLOW_LINKS);
    }

    Path file(String name, String content) throws IOException {
        return ours(Files.writeString(path(name), content));
    }

    Path directory(String name, String permissions) throws IOException {
        return ours(Files.setPosixFilePermissions(Files.createDirectory(path(name)),
                PosixFilePermissions.fromString(permissions)));
    }

    /** Creates a directory in which all users can create files, and not remove those of others. */
    Path sticky(String name) throws IOException {
        Path directory = directory(name, "rwxrwxrwx");
        Files.setAttribute(directory, "unix:mode", 01777);
        return directory;
    }

    Path link(Path at, Path target) throws IOException {
        return ours(Files.createSymbolicLink(at, target));
    }

    /**
     * Returns the results of these subcommands, in this order: the subcommand, the exit status and the
     * message.
     */
    List<String> answers(Path pidFile, Path log, List<String> subcommands) throws Exception {
        return starters.ask(starter, pidFile, log, subcommands);
    }

    /** Returns the results of different subcommands: the exit status and the message of each. */
    Map<String, String> results(Path pidFile, Path log, String... subcommands) throws Exception {
        Map<String, String> results = new LinkedHashMap<>();
        for (String line : answers(pidFile, log, List.of(subcommands))) {
            int space = line.indexOf(' ');
            results.put(line.substring(0, space), line.substring(space + 1));
        }
        return results;
    }

    /** Does the same by the command, which alone has {@code restart}. */
    CommandResult restart(Path pidFile, Path log) throws Exception {
        List<String> arguments =
                new ArrayList<>(List.of("restart", "--name", "d", "--pid-file", pidFile.toString(),
                        "--log", log.toString(), "--"));
        arguments.addAll(SubcommandRunner.PROGRAM);
        return CommandResult.of(
                starters.builder(starter, Main.class, arguments.toArray(String[]::new)), ChildJvm.DEADLINE,
                StandardCharsets.ISO_8859_1);
    }

    /** Starts a daemon that can be reached by this pid file alone. Returns its process id. */
    int daemon(Path pidFile) throws Exception {
        assertThat(results(pidFile, path("victim.log"), "start").get("start")).startsWith("0 d: started");
        return Integer.parseInt(Files.readString(pidFile).trim());
    }

    /**
     * Checks that each subcommand with this pid file is refused with this line, and that these files do not
     * change.
     */
    void refusesPidFile(Path pidFile, String why, Path... untouched) throws Exception {
        Path log = path("d.log");
        List<Snapshot> before = snapshots(untouched);
        Map<String, String> results = results(pidFile, log, "start", "status", "stop", "reload");
        assertThat(results.get("start")).startsWith("1 d: not started: ").contains(why);
        assertThat(results.get("status")).startsWith("4 d: unknown: ").contains(why);
        assertThat(results.get("stop")).startsWith("1 d: not stopped: ").contains(why);
        assertThat(results.get("reload")).startsWith("1 d: not reloaded: ").contains(why);
        CommandResult restart = restart(pidFile, log);
        assertThat(restart.status()).isEqualTo(1);
        assertThat(restart.err()).startsWith("daemon-steps: d: not started: ").contains(why);
        assertThat(snapshots(untouched)).isEqualTo(before);
        assertThat(log).as("nothing has been started").doesNotExist();
    }

    /**
     * Checks that a start with this log is refused with this line. A restart is refused too, and the daemon
     * runs on.
     */
    void refusesLog(Path log, String why, Path... untouched) throws Exception {
        List<Snapshot> before = snapshots(untouched);
        Path pidFile = path("d.pid");
        assertThat(results(pidFile, log, "start").get("start")).startsWith("1 d: not started: ")
                .contains(why);
        assertThat(pidFile).doesNotExist();
        int pid = daemon(pidFile);
        CommandResult restart = restart(pidFile, log);
        assertThat(restart.status()).isEqualTo(1);
        assertThat(restart.err()).startsWith("daemon-steps: d: not started: ").contains(why);
        assertThat(restart.err()).as("nothing of it is shown").doesNotContain(SECRET);
        assertThat(Processes.hasEnded(pid)).isFalse();
        assertThat(results(pidFile, log, "stop").get("stop")).isEqualTo("0 d: stopped, pid " + pid);
        assertThat(snapshots(untouched)).isEqualTo(before);
    }

    private static List<Snapshot> snapshots(Path... files) throws IOException {
        List<Snapshot> snapshots = new ArrayList<>();
        for (Path file : files) {
            snapshots.add(Snapshot.of(file));
        }
        return snapshots;
    }

    @Override
    public void close() throws IOException {
        starters.endDaemons();
    }
}
