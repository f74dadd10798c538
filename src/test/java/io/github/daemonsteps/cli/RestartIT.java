package io.github.daemonsteps.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Command;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.OrdinaryUser;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A restart that cannot succeed reports it before the stop: the same process runs on. */
@Daemons
class RestartIT {

    /** The user who restarts. */
    enum User {
        USER_OF_THE_TESTS, ORDINARY_USER
    }

    /** A user without other processes: the limit counts the processes of this user. */
    private static final String NOBODY_ELSE = "61235";

    /** A user who is neither root nor the one who restarts. */
    private static final int STRANGER = 65533;

    private static final List<String> SMALL_HEAP = List.of("-Xmx64m");

    @TempDir
    private Path classes;

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) throws IOException {
        directory = testDirectory.path();
        Files.setAttribute(directory, "unix:mode", 01777);
        runner = new CommandRunner(launcher, directory).with("PATH", "/usr/bin:/bin");
    }

    private ChildJvm launcher(User user) throws IOException {
        List<String> words = user == User.ORDINARY_USER
                ? new OrdinaryUser(classes).command(SMALL_HEAP, RestartLauncher.class)
                : ChildJvm.command(SMALL_HEAP, RestartLauncher.class);
        return ChildJvm.start(runner.builder(words));
    }

    private static String ask(ChildJvm launcher, String line) throws Exception {
        launcher.send(line.replace(' ', '\t'));
        return launcher.line();
    }

    /** A subcommand with a name, a log and a fault. */
    private String words(String subcommand, String name, String log, String more, String program) {
        return subcommand + " --name " + name + " --pid-file " + directory + "/" + name + ".pid --log "
                + directory
                + "/"
                + log + " --timeout 1m "
                + more + (more.isEmpty() ? "" : " ") + "-- " + program;
    }

    private int pid() throws IOException {
        return Integer.parseInt(Files.readString(directory.resolve("d.pid")).trim());
    }

    /**
     * The message of the restart is that of a start of another daemon with the same fault, and the daemon
     * runs on.
     */
    private void assertRefused(ChildJvm launcher, String more, String program, String expected)
            throws Exception {
        assertRefused(launcher, "d.log", more, program, expected);
    }

    private void assertRefused(ChildJvm launcher, String log, String more, String program, String expected)
            throws Exception {
        int pid = pid();
        String restart = ask(launcher, words("restart", "d", log, more, program));
        assertThat(restart).startsWith(expected);
        assertThat(Processes.hasEnded(pid)).as(restart).isFalse();
        assertThat(pid()).isEqualTo(pid);
        String start = ask(launcher, words("start", "e", log, more, program));
        assertThat(withoutArguments(start).replace("daemon-steps: e: ", "daemon-steps: d: "))
                .isEqualTo(withoutArguments(restart).replace(runsOn(pid), ""));
        assertThat(directory.resolve("e.pid")).doesNotExist();
    }

    /** Returns the part of the message of a refused restart that a refused start does not have. */
    private static String runsOn(int pid) {
        return "; process " + pid + " was not stopped, and runs on";
    }

    /** A restart cannot show the arguments of execve, which was not called. */
    private static String withoutArguments(String answer) {
        return answer.replaceAll("(execve\\(\"[^\"]*\"), .*\\):", "$1):");
    }

    private Path executable(String name, String content, String permissions) throws IOException {
        return Files.setPosixFilePermissions(Files.writeString(directory.resolve(name), content),
                PosixFilePermissions.fromString(permissions));
    }

    @ParameterizedTest
    @EnumSource
    void restart_that_would_fail_is_refused_before_the_stop(User user) throws Exception {
        boolean isRoot = NativePosix.get().getuid() == 0 && user == User.USER_OF_THE_TESTS;
        Path text = executable("text", "#!/bin/sh\n", "rw-r--r--");
        Path script = executable("script", "#! /no/such/interpreter -x\n", "rwxr-xr-x");
        Path scriptOfText = executable("script-of-text", "#!" + text + "\n", "rwxr-xr-x");
        Path secret = executable("secret", "#!/bin/sh\nexec sleep 300\n", "rwx------");
        Files.createSymbolicLink(directory.resolve("link.log"), directory.resolve("x.log"));
        try (var launcher = launcher(user)) {
            assertThat(ask(launcher, words("start", "d", "d.log", "", "/bin/sleep 300")))
                    .isEqualTo("0 d: started, pid " + pid());
            assertRefused(launcher, "--chdir /nope", "/bin/sleep 301",
                    "1 daemon-steps: d: not started: CHDIR: chdir(\"/nope\"): No such file or directory");
            String before = ask(launcher, "holdings");
            assertRefused(launcher, "--keep-fd 77", "/bin/sleep 301",
                    "1 daemon-steps: d: not started: CLOSE: fcntl(77, F_SETFD, 0): Bad file descriptor");
            assertRefused(launcher, "--error-log /proc/x", "/bin/sleep 301",
                    "1 daemon-steps: d: not started: REOPEN: open(\"/proc/x\"");
            assertRefused(launcher, "", text.toString(),
                    "4 daemon-steps: \"" + text + "\" may not be executed");
            assertRefused(launcher, "", "no-such-program", "5 daemon-steps: no program \"no-such-program\"");
            assertRefused(launcher, "", script.toString(),
                    "1 daemon-steps: d: not started: EXEC: execve(\"" + script + "\"");
            assertRefused(launcher, "", scriptOfText.toString(),
                    "4 daemon-steps: d: not started: EXEC: execve(\"" + scriptOfText + "\"");
            assertRefused(launcher, "--ready fd:9 --keep-fd 9", "/bin/sleep 301",
                    "2 daemon-steps: --ready: descriptor 9 cannot be both");
            assertRefused(launcher, "link.log", "", "/bin/sleep 301",
                    "1 daemon-steps: d: not started: the log \"" + directory
                            + "/link.log\" is a symbolic link");
            assertRefused(launcher, "nope/d.log", "", "/bin/sleep 301",
                    "1 daemon-steps: d: not started: the log \"" + directory + "/nope/d.log\": ");
            assertThat(ask(launcher, words("restart", "d", "d.pid", "", "/bin/sleep 301")))
                    .startsWith("1 daemon-steps: d: not started: the log \"" + directory
                            + "/d.pid\" and the pid file \"" + directory
                            + "/d.pid\" are one file: give them different files; process ")
                    .endsWith(" was not stopped, and runs on");
            assertThat(ask(launcher,
                    "restart --name d --pid-file " + directory + "/nope/d.pid --log " + directory
                            + "/d.log -- /bin/sleep 301"))
                    .startsWith(
                            "1 daemon-steps: d: not started: the pid file \"" + directory + "/nope/d.pid\"");
            Path open = Files.createDirectory(directory.resolve("open"));
            Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
            assertThat(ask(launcher, "restart --name d --pid-file " + open + "/d.pid --log " + directory
                    + "/d.log -- /bin/sleep 301"))
                    .startsWith("1 daemon-steps: d: not started: the directory \"" + open + "\"");
            assertRefused(launcher, "--user nosuch", "/bin/sleep 301",
                    "2 daemon-steps: --user: user \"nosuch\" does not exist");
            if (isRoot) {
                assertRefused(launcher, "--user nobody", secret.toString(),
                        "4 daemon-steps: d: not started: EXEC: execve(\"" + secret + "\"");
                Path theirs = Files.createDirectory(directory.resolve("theirs"));
                Files.setAttribute(theirs, "unix:uid", STRANGER);
                assertRefused(launcher, "theirs/d.log", "--user nobody", "/bin/sleep 301",
                        "1 daemon-steps: d: not started: the directory \"" + theirs + "\"");
            } else {
                assertRefused(launcher, "--user nobody", "/bin/sleep 301",
                        "4 daemon-steps: d: not started: a start as another user, nobody, needs CAP_SETUID"
                                + " and CAP_SETGID: user ");
            }
            assertThat(ask(launcher, "holdings")).as("nothing of the rehearsals is left").isEqualTo(before);
            int old = pid();
            assertThat(runner.processes()).containsExactlyInAnyOrder(launcher.pid(), old);
            assertThat(ask(launcher, words("restart", "d", "d.log", "--umask 077 --chdir /tmp --ready fd:9",
                    executable("ready", "#!/bin/sh\necho here >&9\nexec 9>&-\nexec sleep 300\n", "rwxr-xr-x")
                            .toString())))
                    .isEqualTo("0 d: stopped, pid " + old + "; d: started, pid " + pid() + ": here");
            assertThat(pid()).isNotEqualTo(old);
            assertThat(runner.processes()).containsExactlyInAnyOrder(launcher.pid(), pid());
            assertThat(ask(launcher, "holdings")).isEqualTo(before);
            assertThat(ask(launcher, "stop --pid-file " + directory + "/d.pid")).startsWith("0 ");
        }
    }

    /** A command of root makes each fault, and another one undoes it. */
    @Test
    void restart_with_unwritable_pid_file_is_refused_before_the_stop() throws Exception {
        Assumptions.assumeTrue(NativePosix.get().getuid() == 0,
                "only root can make a file immutable, or mount");
        try (var launcher = launcher(User.USER_OF_THE_TESTS)) {
            assertThat(ask(launcher, words("start", "d", "d.log", "", "/bin/sleep 300"))).startsWith("0 ");
            String pidFile = directory.resolve("d.pid").toString();
            assertNotRestarted(launcher, List.of("mount", "--bind", "-o", "ro", pidFile, pidFile),
                    List.of("umount", pidFile), "EROFS, 30");
            assertNotRestarted(launcher, List.of(Tool.need("chattr"), "+i", pidFile),
                    List.of("chattr", "-i", pidFile),
                    "EPERM, 1");
            String record = pidFile + ".record";
            String kept = directory.resolve("kept").toString();
            assertNotRestarted(launcher,
                    List.of("sh", "-c", "mv " + record + " " + kept + " && mkdir " + record),
                    List.of("sh", "-c", "rmdir " + record + " && mv " + kept + " " + record),
                    "move it away");
            assertThat(ask(launcher, "stop --pid-file " + pidFile)).startsWith("0 ");
        }
    }

    private void assertNotRestarted(ChildJvm launcher, List<String> hindrance, List<String> undo,
            String expected) throws Exception {
        int pid = pid();
        Command hindered = Command.run(hindrance.toArray(String[]::new));
        Assumptions.assumeTrue(hindered.status() == 0, hindered.output());
        try {
            assertThat(ask(launcher, words("restart", "d", "d.log", "", "/bin/sleep 301")))
                    .contains("daemon-steps: d: not started: ").contains(expected);
            assertThat(Processes.hasEnded(pid)).isFalse();
        } finally {
            assertThat(Command.run(undo.toArray(String[]::new)).status()).isZero();
        }
    }

    @Test
    void restart_at_the_process_limit_is_refused_before_the_stop() throws Exception {
        Assumptions.assumeTrue(NativePosix.get().getuid() == 0,
                "only root can become a user without other processes");
        List<String> words = new ArrayList<>(
                List.of(Tool.need("setpriv"), "--reuid=" + NOBODY_ELSE, "--regid=" + NOBODY_ELSE,
                        "--clear-groups"));
        List<String> user = List.copyOf(words);
        var ordinary = new OrdinaryUser(classes);
        List<String> options = new ArrayList<>(SMALL_HEAP);
        options.add("-Xlog:disable"); // otherwise the JVM itself prints that it cannot start a thread
        List<String> command = ordinary.command(options, RestartLauncher.class);
        words.addAll(command.subList(ordinary.prefix().size(), command.size()));
        try (var launcher = ChildJvm.start(runner.builder(words))) {
            assertThat(ask(launcher, words("start", "d", "d.log", "", "/bin/sleep 300"))).startsWith("0 ");
            int pid = pid();
            List<String> limit = new ArrayList<>(user);
            limit.addAll(
                    List.of(Tool.need("prlimit"), "--pid", Integer.toString(launcher.pid()), "--nproc=1:"));
            assertThat(Command.run(limit.toArray(String[]::new)).status()).isZero();
            assertThat(ask(launcher, words("restart", "d", "d.log", "", "/bin/sleep 301"))).isEqualTo(
                    "1 daemon-steps: d: not started: FORK: fork(): Resource temporarily unavailable (EAGAIN, 11)"
                            + runsOn(pid));
            assertThat(Processes.hasEnded(pid)).isFalse();
            assertThat(pid()).isEqualTo(pid);
            assertThat(ask(launcher, "stop --pid-file " + directory + "/d.pid")).startsWith("0 ");
        }
    }
}
