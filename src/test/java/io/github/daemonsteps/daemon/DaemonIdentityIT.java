package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daemonsteps.daemon.Status.State;
import io.github.daemonsteps.daemon.files.FileRefusedException;
import io.github.daemonsteps.daemon.pidfile.DaemonRecord;
import io.github.daemonsteps.daemon.pidfile.PidFile;
import io.github.daemonsteps.daemon.pidfile.PidFileLocker;
import io.github.daemonsteps.daemon.pidfile.PidFileRemover;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.CallInterceptor.Effect;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.procfs.ProcessStat;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Command;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.OrdinaryUser;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.Faults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The identity of the daemon: each row of the table in docs/identity.md, and the conclusion of each reader.
 */
class DaemonIdentityIT {

    private static final Readiness AT_ONCE = new Readiness.AliveAfter(Duration.ofMillis(1));

    /** Closes its unknown descriptors, creates a file, and runs on. */
    private static final String CLOSING = """
            import os, sys, time
            os.closerange(3, 256)
            open(sys.argv[1], 'w').close()
            time.sleep(300)
            """;

    /**
     * Acquires the exclusive lock of a file, writes its own number into the file, creates a file, and runs
     * on.
     */
    private static final String LOCKING = """
            import fcntl, os, sys, time
            file = os.open(sys.argv[1], os.O_RDWR)
            fcntl.flock(file, fcntl.LOCK_EX)
            if sys.argv[2] == 'write':
                os.truncate(file, 0)
                os.write(file, b'%d\\n' % os.getpid())
            print('locked', flush=True)
            time.sleep(300)
            """;

    @TempDir
    private Path directory;

    private final List<Process> strangers = new ArrayList<>();
    private Path file;
    private Path record;
    private Daemon daemon;

    @BeforeEach
    void name() {
        file = directory.resolve("d.pid");
        record = PidFiles.record(file);
        daemon = Daemon.named("d").pidFile(file).log(directory.resolve("d.log"))
                .stopTimeout(Duration.ofSeconds(20));
    }

    @AfterEach
    void end() throws InterruptedException {
        daemon.stop();
        for (Process stranger : strangers) {
            stranger.destroyForcibly().waitFor();
        }
    }

    private StartResult start() {
        return daemon.start(Program.of("/bin/sleep", "300"), AT_ONCE);
    }

    private int started() {
        StartResult result = start();
        assertThat(result).isInstanceOf(StartResult.Started.class);
        return ((StartResult.Started) result).pid();
    }

    /** A daemon that has released its lock. */
    private int startedAndClosed() throws Exception {
        Path closed = directory.resolve("closed");
        Files.deleteIfExists(closed);
        StartResult result =
                daemon.start(
                        Program.of("/usr/bin/env", Tool.need("python3"), "-c", CLOSING, closed.toString()),
                        AT_ONCE);
        assertThat(result).isInstanceOf(StartResult.Started.class);
        Await.until(() -> Files.exists(closed));
        int pid = ((StartResult.Started) result).pid();
        assertThat(PidFiles.isHeldBy(pid, file)).isFalse();
        return pid;
    }

    /** A process that is not the daemon. */
    private Process stranger(String... command) throws IOException {
        Process stranger = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        strangers.add(stranger);
        return stranger;
    }

    private Process locker(String whether) throws IOException {
        Process locker = stranger(Tool.need("python3"), "-c", LOCKING, file.toString(), whether);
        assertThat(locker.inputReader().readLine()).isEqualTo("locked");
        return locker;
    }

    /** Writes a pid file and a changed record that name a process. */
    private void write(long pid, UnaryOperator<String> change) throws IOException {
        Files.writeString(file, pid + "\n");
        DaemonRecord truth =
                DaemonRecord.of((int) pid, DaemonRecord.Mode.DAEMON, Program.of("/bin/sleep", "300"))
                        .orElseThrow();
        Files.writeString(record, change.apply(truth.text()));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        Files.setPosixFilePermissions(record, PosixFilePermissions.fromString("rw-r--r--"));
    }

    private static String startingLater(String text) {
        return text.replaceFirst("start=([0-9]+)", "start=$11");
    }

    private void assertRunning(int pid) {
        assertThat(daemon.status().state()).isInstanceOf(State.Running.class)
                .extracting(state -> ((State.Running) state).pid()).isEqualTo(pid);
        assertThat(start()).isEqualTo(new StartResult.AlreadyRunning("d", pid, false, false));
        assertThat(daemon.reload()).isInstanceOf(ReloadResult.Failed.class); // sleep and python do not catch SIGHUP
        assertThat(daemon.stop()).isInstanceOf(StopResult.Stopped.class);
        assertThat(Processes.hasEnded(pid)).isTrue();
        assertThat(file).doesNotExist();
        assertThat(record).doesNotExist();
    }

    /** No process is signalled, and the next start acquires the file. */
    private void assertDead(Process stranger) {
        assertThat(daemon.status().state()).isEqualTo(new State.Dead());
        assertThat(daemon.reload()).isInstanceOf(ReloadResult.NotRunning.class);
        int next = started();
        assertThat(stranger.isAlive()).isTrue();
        assertThat(daemon.stop()).isInstanceOf(StopResult.Stopped.class);
        assertThat(Processes.hasEnded(next)).isTrue();
        assertThat(stranger.isAlive()).isTrue();
    }

    /** No process is signalled or started, and the file stays. */
    private void assertUntouched(State state, Process stranger) {
        assertThat(daemon.status().state()).isEqualTo(state);
        assertThat(ExitStatus.of(daemon.status())).isEqualTo(4);
        assertThat(daemon.stop()).isInstanceOf(StopResult.Failed.class);
        assertThat(daemon.reload()).isInstanceOfAny(ReloadResult.Failed.class,
                ReloadResult.NotRunning.class);
        assertThat(start()).isInstanceOf(StartResult.Failed.class);
        assertThat(stranger.isAlive()).isTrue();
        assertThat(file).exists();
    }

    @Test
    void daemon_with_lock_and_record_is_running() {
        int pid = started();
        assertThat(PidFiles.isHeldBy(pid, file)).isTrue();
        assertThat(record).exists();
        assertRunning(pid);
    }

    @Test
    void daemon_with_lock_and_without_record_is_running() throws Exception {
        int pid = started();
        Files.delete(record);
        assertRunning(pid);
    }

    @Test
    void daemon_whose_number_in_the_pid_file_was_changed_is_running() throws Exception {
        for (String number : List.of("", "1\n", ProcessHandle.current().pid() + "\n")) {
            int pid = started();
            Files.writeString(file, number);
            assertRunning(pid);
        }
    }

    @Test
    void daemon_with_overwritten_pid_file_is_stopped_and_the_file_stays() throws Exception {
        int pid = started();
        Files.writeString(file, "my only notes\n");
        assertThat(daemon.status().state()).isInstanceOf(State.Running.class);
        assertThat(start()).isEqualTo(new StartResult.AlreadyRunning("d", pid, false, false));
        assertThat(daemon.stop()).isInstanceOfSatisfying(StopResult.Stopped.class,
                stopped -> assertThat(stopped.warnings()).singleElement().asString()
                        .contains(
                                ": not a pid file: its content is not a process id; name another pid file"));
        assertThat(Processes.hasEnded(pid)).isTrue();
        assertThat(file).hasContent("my only notes\n");
        assertThat(daemon.status().state()).isInstanceOf(State.Unknown.class);
    }

    @Test
    void daemon_that_has_closed_its_descriptors_is_running() throws Exception {
        assertRunning(startedAndClosed());
    }

    @Test
    void daemon_that_has_closed_its_descriptors_is_running_while_another_process_holds_the_lock()
            throws Exception {
        int pid = startedAndClosed();
        Process locker = locker("only");
        assertThat(daemon.status().state()).isInstanceOf(State.Running.class);
        assertThat(start()).isEqualTo(new StartResult.AlreadyRunning("d", pid, false, false));
        assertThat(daemon.stop()).isInstanceOf(StopResult.Stopped.class);
        assertThat(Processes.hasEnded(pid)).isTrue();
        assertThat(locker.isAlive()).isTrue();
    }

    @Test
    void daemon_that_has_closed_its_descriptors_and_ended_is_dead() throws Exception {
        int pid = startedAndClosed();
        Processes.kill(pid);
        assertDead(stranger("/bin/sleep", "300"));
    }

    @Test
    void file_of_a_daemon_that_has_closed_its_descriptors_is_not_removed_or_taken() throws Exception {
        int pid = startedAndClosed();
        NativePosix posix = NativePosix.get();
        var pidFile = new PidFile(CString.of(file));
        assertThat(new PidFileRemover(pidFile, posix).remove().isGone()).isFalse();
        try (var process = ForkedProcess.fork()) {
            assertThatThrownBy(() -> new PidFileLocker(pidFile, process, posix).lock())
                    .isInstanceOf(FileRefusedException.class)
                    .hasMessageContaining("process " + pid + ", runs");
        }
        assertThat(file).hasContent(pid + "\n");
        assertThat(record).exists();
        assertRunning(pid);
    }

    @Test
    void process_with_the_recorded_number_and_another_start_time_is_not_the_daemon() throws Exception {
        Process stranger = stranger("/bin/sleep", "300");
        write(stranger.pid(), DaemonIdentityIT::startingLater);
        assertDead(stranger);
    }

    @Test
    void process_with_the_recorded_number_and_start_time_of_an_earlier_boot_is_not_the_daemon()
            throws Exception {
        Process stranger = stranger("/bin/sleep", "300");
        write(stranger.pid(),
                text -> text.replaceFirst("boot=.*", "boot=00000000-0000-4000-8000-000000000000"));
        assertDead(stranger);
    }

    @Test
    void process_with_a_number_recorded_in_another_namespace_is_not_the_daemon() throws Exception {
        for (String namespace : List.of("pid:\\[[0-9]+\\]", "time:\\[[0-9]+\\]")) {
            Process stranger = stranger("/bin/sleep", "300");
            write(stranger.pid(), text -> text.replaceFirst(namespace, "another:[1]"));
            assertDead(stranger);
        }
    }

    @Test
    void process_with_the_number_in_a_file_without_lock_and_record_is_not_the_daemon() throws Exception {
        Process stranger = stranger("/bin/sleep", "300");
        Files.writeString(file, stranger.pid() + "\n");
        assertDead(stranger);
    }

    @Test
    void record_that_names_another_process_than_the_pid_file_is_ignored() throws Exception {
        Process stranger = stranger("/bin/sleep", "300");
        write(stranger.pid(), UnaryOperator.identity());
        Files.writeString(file, "99999999\n");
        assertDead(stranger);
    }

    @Test
    void truncated_or_invalid_record_is_ignored() throws Exception {
        Process stranger = stranger("/bin/sleep", "300");
        for (UnaryOperator<String> change : List.<UnaryOperator<String>>of(
                text -> text.substring(0, text.length() - 1), text -> "",
                text -> text.replace("start=", "start=+"),
                text -> text.replace("mode=DAEMON", "mode=daemon"))) {
            write(stranger.pid(), change);
            assertDead(stranger);
        }
    }

    @Test
    void file_with_the_name_of_a_record_and_other_content_stays() throws Exception {
        for (String content : List.of("important\n", "123\n", "p=")) {
            Files.writeString(record, content);
            StartResult refused = start();
            assertThat(refused).isInstanceOf(StartResult.Failed.class);
            assertThat(((StartResult.Failed) refused).reason()).contains(record.toString(), "move it away");
            assertThat(record).hasContent(content);
            assertThat(file).doesNotExist();
            Files.delete(record);
        }
        int pid = started();
        Files.writeString(record, "important\n");
        assertThat(daemon.stop()).isInstanceOf(StopResult.Stopped.class);
        assertThat(Processes.hasEnded(pid)).isTrue();
        assertThat(record).hasContent("important\n");
        StartResult ofThatName = daemon.pidFile(record).start(Program.of("/bin/sleep", "300"), AT_ONCE);
        assertThat(((StartResult.Failed) ofThatName).reason()).contains("ends with .record");
    }

    @Test
    void record_that_others_could_have_written_is_ignored() throws Exception {
        Process stranger = stranger("/bin/sleep", "300");
        write(stranger.pid(), UnaryOperator.identity());
        Files.setPosixFilePermissions(record, PosixFilePermissions.fromString("rw-rw-rw-"));
        assertThat(daemon.status().state()).isEqualTo(new State.Dead());
        Files.setPosixFilePermissions(record, PosixFilePermissions.fromString("rw-r--r--"));
        Path other = Files.createLink(directory.resolve("other"), record);
        assertThat(daemon.status().state()).isEqualTo(new State.Dead());
        Files.delete(record);
        Files.createSymbolicLink(record, other);
        assertThat(daemon.status().state()).isEqualTo(new State.Dead());
        assertThat(start()).isInstanceOf(StartResult.Failed.class);
        Files.delete(record);
        if (NativePosix.get().getuid() == 0) {
            Files.move(other, record);
            Files.setAttribute(record, "unix:uid", 65534);
            assertThat(daemon.status().state()).isEqualTo(new State.Dead());
        }
        assertDead(stranger);
    }

    @Test
    void process_that_has_taken_the_lock_and_is_not_the_recorded_one_is_not_the_daemon() throws Exception {
        Files.writeString(file, "");
        Process locker = locker("write");
        write(locker.pid(), DaemonIdentityIT::startingLater);
        assertUntouched(new State.LockedByOther((int) locker.pid()), locker);
    }

    @Test
    void hidden_process_is_unknown_without_a_record() throws Exception {
        Assumptions.assumeTrue(NativePosix.get().getuid() == 0, "only root can ask as another user");
        var user = new OrdinaryUser(directory);
        int pid = started();
        Command told = ask(user, "status");
        assertThat(told.output()).contains("d: running, pid " + pid);
        assertThat(told.status()).isZero();
        Command refused = ask(user, "stop");
        assertThat(refused.status()).isEqualTo(4);
        Files.delete(record);
        Command unknown = ask(user, "status");
        assertThat(unknown.output())
                .contains("d: unknown: process " + pid + " acquired the lock; this user may not see"
                        + " whether that process still holds the lock");
        assertThat(unknown.status()).isEqualTo(4);
        assertThat(ask(user, "stop").status()).isEqualTo(4);
        assertThat(ask(user, "reload").status()).isEqualTo(4);
        assertThat(Processes.hasEnded(pid)).isFalse();
    }

    /** In a pid namespace of its own, whose /proc does not show the daemon. */
    @Test
    void daemon_of_the_outer_pid_namespace_is_not_reported_dead() throws Exception {
        int pid = started();
        for (String subcommand : List.of("status", "stop", "reload")) {
            List<String> command =
                    new ArrayList<>(List.of(Tool.need("unshare"), "--pid", "--fork", "--mount-proc"));
            command.addAll(
                    ChildJvm.command(List.of(), io.github.daemonsteps.cli.Main.class, subcommand, "--name",
                            "d",
                            "--pid-file", file.toString()));
            Command inside = Command.run(command.toArray(String[]::new));
            Assumptions.assumeTrue(!inside.output().contains("unshare: "), inside.output());
            assertThat(inside.output())
                    .contains("a hidden process holds the lock of " + file)
                    .doesNotContain("ended");
            assertThat(inside.status()).isEqualTo(subcommand.equals("status") ? 4 : 1);
        }
        assertRunning(pid);
    }

    private Command ask(OrdinaryUser user, String subcommand) throws Exception {
        List<String> command = new ArrayList<>(List.of("/usr/bin/env", "-C", "/", "LC_ALL=C"));
        command.addAll(
                user.command(List.of(), io.github.daemonsteps.cli.Main.class, subcommand, "--name", "d",
                        "--pid-file", file.toString()));
        return Command.run(command.toArray(String[]::new));
    }

    @Test
    void daemon_is_known_by_its_record_without_access_to_locks() throws Exception {
        int pid = startedAndClosed();
        var faults = new Faults(new Faults.Script() {
            @Override
            public Effect effect(Faults.Call call) {
                return call.function().equals("flock")
                        ? new Effect.Fails(Errno.of(37))
                        : new Effect.Executed();
            }
        });
        Daemon without = daemon.failIfRunning().callTimeout(ForkedProcess.DEADLINE).interceptCalls(faults);
        assertThat(without.status().state()).isInstanceOf(State.Running.class);
        Files.move(record, directory.resolve("away"));
        assertThat(without.status().state()).isInstanceOf(State.Unknown.class);
        assertThat(without.stop()).isInstanceOf(StopResult.Failed.class);
        assertThat(without.start(Program.of("/bin/sleep", "300"), AT_ONCE))
                .isInstanceOf(StartResult.Failed.class);
        assertThat(Processes.hasEnded(pid)).isFalse();
        Files.move(directory.resolve("away"), record);
    }

    /**
     * Its parent is the session leader and it has executed nothing: it looks like the process of a start.
     */
    @Test
    void worker_that_has_acquired_the_lock_of_a_leftover_file_is_not_the_daemon()
            throws Exception {
        int ended = started();
        Processes.kill(ended);
        String server = """
                import fcntl, os, sys, time
                if os.getpid() != os.getsid(0):
                    os.setsid()
                worker = os.fork()
                if worker:
                    os.waitpid(worker, 0)
                    os._exit(1)
                fcntl.flock(os.open(sys.argv[1], os.O_RDONLY), fcntl.LOCK_EX)
                print(os.getpid(), flush=True)
                time.sleep(300)
                """;
        Process leader = stranger(Tool.need("python3"), "-c", server, file.toString());
        int worker = Integer.parseInt(leader.inputReader().readLine());
        try {
            assertUntouched(new State.LockedByOther(worker), leader);
        } finally {
            Processes.kill(worker);
        }
    }

    /**
     * A grandchild of the daemon, in a pid namespace where /proc/locks leaves out an acquirer that has
     * ended.
     */
    @Test
    void process_that_inherited_the_lock_in_a_pid_namespace_is_not_the_daemon()
            throws Exception {
        String heirs = """
                import os, sys, time
                if os.fork() == 0:
                    os.setsid()
                    if os.fork():
                        os.closerange(3, 64)
                    else:
                        open(sys.argv[1], 'w').write(str(os.getpid()))
                time.sleep(300)
                """;
        Path heir = directory.resolve("heir");
        String command = CommandRunner.COMMAND + " \"$@\" --name d --pid-file " + file;
        String script = "umask 022; export JAVA_HOME=" + System.getProperty("java.home")
                + "; set -- start --log "
                + directory.resolve("d.log") + "; " + command + " -- " + Tool.need("python3")
                + " -c \"$HEIRS\" " + heir
                + "; until [ -s "
                + heir + " ]; do :; done; kill -9 $(cat " + file + "); set -- status; " + command
                + "; echo status $?; set -- stop; " + command + " 2>&1; echo stop $?; kill -0 $(cat " + heir
                + ") && echo alive";
        Command run =
                Command.run("env", "HEIRS=" + heirs, Tool.need("unshare"), "--pid", "--fork", "--mount-proc",
                        "--kill-child", "/bin/sh", "-c", script);
        Assumptions.assumeTrue(!run.output().contains("unshare: "), run.output());
        assertThat(run.output()).contains("status 4", "holds the lock of", "stop 1", "alive")
                .doesNotContain("d: stopped");
    }

    /**
     * The acquirer forks and exits, and its child writes its own number: outside and inside of a pid
     * namespace.
     */
    @Test
    void child_that_has_inherited_the_lock_and_writes_its_number_is_not_the_daemon() throws Exception {
        String heir = """
                import fcntl, os, sys, time
                file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o644)
                fcntl.flock(file, fcntl.LOCK_EX)
                if os.fork():
                    os._exit(0)
                os.close(1)
                os.write(file, b'%d\\n' % os.getpid())
                open(sys.argv[1] + '.written', 'w').close()
                time.sleep(300)
                """;
        String script = "umask 022; " + Tool.need("python3")
                + " -c \"$1\" \"$2\"; until [ -e \"$2.written\" ]; do :; done; "
                + "export JAVA_HOME=" + System.getProperty("java.home") + "; " + CommandRunner.COMMAND
                + " stop --timeout 2s --pid-file \"$2\" 2>&1; echo stop $?; " + CommandRunner.COMMAND
                + " reload --pid-file \"$2\" >&2; kill -0 $(cat \"$2\") && echo alive; kill -9 $(cat \"$2\")";
        for (List<String> prefix : List.of(List.<String>of(),
                List.of(Tool.need("unshare"), "--pid", "--fork", "--mount-proc"))) {
            Files.deleteIfExists(file);
            Files.deleteIfExists(directory.resolve("d.pid.written"));
            List<String> command = new ArrayList<>(prefix);
            command.addAll(List.of("/bin/sh", "-c", script, "sh", heir, file.toString()));
            Command run = Command.run(command.toArray(String[]::new));
            Assumptions.assumeTrue(!run.output().contains("unshare: "), run.output());
            assertThat(run.output()).contains("holds the lock of", "stop 1", "alive")
                    .doesNotContain("d: stopped");
        }
    }

    @Test
    void record_is_read_as_it_was_written() {
        int pid = (int) ProcessHandle.current().pid();
        Program program = Program.of("/bin/\u00e9\n\"x", "a", "b");
        DaemonRecord written = DaemonRecord.of(pid, DaemonRecord.Mode.FOREGROUND, program).orElseThrow();
        assertThat(DaemonRecord.parse(written.text())).contains(written);
        assertThat(DaemonRecord.parse(written.text() + "stopped-by=1\n")).contains(written);
        assertThat(written.isOf(program)).isTrue();
        assertThat(written.isOf(Program.of("/bin/\u00e9\n\"x", "a", "c"))).isFalse();
        assertThat(written.isOf(Program.of("/bin/\u00e9\n\"x", "ab"))).isFalse();
        assertThat(written.startTime()).isEqualTo(ProcessStat.of(pid).orElseThrow().startTime());
    }
}
