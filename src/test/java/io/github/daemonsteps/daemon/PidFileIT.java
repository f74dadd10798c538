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
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.FlockOperation;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.procfs.ProcLocks;
import io.github.daemonsteps.procfs.ProcessStat;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.Command;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The pid file: the lock is authoritative, and no subcommand writes to a file or signals a process that
 * another user chooses.
 */
class PidFileIT {

    private static final Readiness AT_ONCE = new Readiness.AliveAfter(Duration.ofMillis(1));

    @TempDir
    private Path directory;

    private final NativePosix posix = NativePosix.get();
    private Path file;
    private Daemon daemon;

    @BeforeEach
    void name() {
        file = directory.resolve("d.pid");
        daemon = Daemon.named("d").pidFile(file).log(directory.resolve("d.log"))
                .stopTimeout(Duration.ofSeconds(20));
    }

    @AfterEach
    void stop() {
        daemon.stop();
    }

    private int start(String... command) {
        StartResult result = daemon.start(Program.of(command[0],
                Arrays.copyOfRange(command, 1, command.length)), AT_ONCE);
        assertThat(result).isInstanceOf(StartResult.Started.class);
        return ((StartResult.Started) result).pid();
    }

    private StartResult.Failed failure() {
        StartResult result = daemon.start(Program.of("/bin/sleep", "300"), AT_ONCE);
        assertThat(result).isInstanceOf(StartResult.Failed.class);
        return (StartResult.Failed) result;
    }

    /** A foreign process that runs. */
    private static Process stranger() throws Exception {
        return new ProcessBuilder("/bin/sleep", "300").start();
    }

    @Test
    void pid_file_is_the_number_and_a_newline_and_readable_by_all() throws Exception {
        int pid = start("/bin/sleep", "300");
        assertThat(Files.readString(file)).isEqualTo(pid + "\n");
        assertThat(posix.stat(file.toString()).permissions()).isEqualTo(FileMode.of(0644));
        assertThat(posix.stat(file.toString()).uid()).isEqualTo(posix.getuid());
    }

    @Test
    void longer_old_content_is_truncated() throws Exception {
        Files.writeString(file, "12345678901234567890\n\n");
        int pid = start("/bin/sleep", "300");
        assertThat(Files.readString(file)).isEqualTo(pid + "\n");
    }

    @Test
    void mode_of_pid_file_is_0644_with_any_umask() throws Exception {
        Files.createFile(file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        start("/bin/sleep", "300");
        assertThat(posix.stat(file.toString()).permissions()).isEqualTo(FileMode.of(0644));
    }

    @Test
    void missing_directory_is_reported() {
        daemon = daemon.pidFile(Path.of("/proc/nope/d.pid"));
        assertThat(failure().errno()).isEqualTo(Errno.ENOENT);
    }

    @Test
    void foreign_lock_holder_is_named_and_not_signalled() throws Exception {
        Process victim = stranger();
        Files.writeString(file, victim.pid() + "\n");
        int fd = posix.open(CString.of(file), Set.of(OpenFlag.O_RDONLY, OpenFlag.O_CLOEXEC), FileMode.of(0));
        try {
            posix.flock(fd, FlockOperation.LOCK_EX);
            String why = "the lock of " + file + " is held by process " + posix.getpid()
                    + ", which is not the daemon";
            assertThat(daemon.status().state()).isEqualTo(new State.LockedByOther(posix.getpid()));
            assertThat(ExitStatus.of(daemon.status())).isEqualTo(4);
            assertThat(daemon.stop()).isEqualTo(new StopResult.Failed("d", why, null));
            assertThat(daemon.reload()).isEqualTo(new ReloadResult.Failed("d", why, null));
            assertThat(failure().reason()).isEqualTo(why);
            assertThat(victim.isAlive()).isTrue();
            assertThat(file).hasContent(victim.pid() + "\n");
        } finally {
            posix.close(fd);
            victim.destroyForcibly().waitFor();
        }
    }

    @Test
    void child_that_inherited_the_lock_is_not_the_daemon() throws Exception {
        Path child = directory.resolve("child");
        int pid = start("/bin/sh", "-c",
                "sleep 300 & echo $! > " + child + ".new; mv " + child + ".new " + child
                        + "; wait");
        Await.until(() -> Files.exists(child));
        int left = Integer.parseInt(Files.readString(child).trim());
        try {
            Processes.kill(pid);
            assertThat(daemon.status().state()).isEqualTo(new State.LockInherited(left));
            assertThat(ExitStatus.of(daemon.status())).isEqualTo(4);
            assertThat(daemon.stop()).isInstanceOf(StopResult.Failed.class);
            assertThat(daemon.reload()).isInstanceOf(ReloadResult.NotRunning.class);
            assertThat(failure().reason())
                    .contains("the daemon has ended, but process " + left + " holds the lock");
            assertThat(Processes.hasEnded(left)).isFalse();
        } finally {
            Processes.kill(left);
        }
        assertThat(daemon.status().state()).isEqualTo(new State.Dead());
    }

    @Test
    void lock_holder_is_seen_in_a_pid_namespace() throws Exception {
        String command = CommandRunner.COMMAND + " ";
        String options = " --name d --pid-file " + file;
        Command inside = Command.run(Tool.need("unshare"), "--pid", "--fork", "--mount-proc", "/bin/sh", "-c",
                "export JAVA_HOME=" + System.getProperty("java.home") + "; " + command + "start" + options
                        + " --log "
                        + directory.resolve("d.log") + " -- sh -c 'setsid sleep 300 & wait'; kill -9 $(cat "
                        + file
                        + "); " + command + "status" + options + "; echo status $?; " + command + "start"
                        + options
                        + " -- sleep 300; echo start $?; pkill -x sleep; " + command + "start" + options
                        + " --log "
                        + directory.resolve("d.log") + " -- sh -c 'setsid sleep 300 & wait'; " + command
                        + "stop"
                        + options + "; echo stop $?; " + command + "stop" + options + "; echo again $?");
        Assumptions.assumeTrue(!inside.output().contains("unshare: "), inside.output());
        assertThat(inside.output()).contains("d: the daemon has ended, but process ", "status 4", "start 1",
                "started by the daemon, still runs and holds the lock", "stop 0", "again 1");
    }

    @Test
    void stop_reports_a_child_that_still_holds_the_lock() throws Exception {
        Path child = directory.resolve("child");
        int pid =
                start("/bin/sh", "-c", "setsid sh -c 'echo $$ > " + child + ".new; mv " + child + ".new "
                        + child + "; exec sleep 300' & wait");
        Await.until(() -> Files.exists(child));
        int left = Integer.parseInt(Files.readString(child).trim());
        try {
            assertThat(daemon.stop())
                    .isEqualTo(new StopResult.Stopped("d", pid, false, 0, true, left, List.of()));
            assertThat(daemon.stop().message()).contains("process " + left + " holds the lock");
        } finally {
            Processes.kill(left);
        }
    }

    @Test
    void lock_holder_whose_leader_waits_is_starting() throws Exception {
        try (var process = ForkedProcess.fork()) {
            process.setsid();
            try (var _ = process.forkKeepingParent()) {
                int pid = process.pid();
                var locker = new PidFileLocker(new PidFile(CString.of(file)), process, posix);
                int fd = locker.lock();
                assertThat(daemon.status().state()).as("before it has said who it is")
                        .isEqualTo(new State.LockedByOther(pid));
                new PidFile(CString.of(file)).record().write(
                        DaemonRecord.of(pid, DaemonRecord.Mode.DAEMON, Program.of("/bin/sleep", "300"))
                                .orElseThrow(),
                        process);
                assertThat(daemon.status().state()).as("before the number is written")
                        .isEqualTo(new State.Starting(pid));
                locker.writeNumber(fd, process.pid());
                assertThat(daemon.status().state()).isEqualTo(new State.Starting(pid));
                assertThat(ExitStatus.of(daemon.status())).isEqualTo(3);
                assertThat(daemon.startTimeout(Duration.ofMillis(50)).start(Program.of("/bin/sleep", "300"),
                        AT_ONCE).message())
                        .isEqualTo("d: not started: process " + pid
                                + " is still being started by another launcher");
                assertThat(daemon.reload()).isInstanceOf(ReloadResult.Failed.class);
                assertThat(
                        ExitStatus.of(daemon.failIfRunning().start(Program.of("/bin/sleep", "300"), AT_ONCE)))
                        .isEqualTo(1);
            }
        }
    }

    @Test
    void lock_holder_that_has_not_executed_its_program_is_not_running() throws Exception {
        // The state after another process stopped it, its launcher was killed and its leader had ended.
        try (var process = ForkedProcess.fork()) {
            process.setsid();
            process.forkExitingParent();
            var locker = new PidFileLocker(new PidFile(CString.of(file)), process, posix);
            locker.writeNumber(locker.lock(), process.pid());
            assertThat(daemon.status().state()).isEqualTo(new State.Starting(process.pid()));
        }
    }

    @Test
    void text_written_before_the_lock_is_acquired_stays() throws Exception {
        Files.writeString(file, "my only notes\n");
        var pidFile = new PidFile(CString.of(file));
        try (var process = ForkedProcess.fork()) {
            assertThatThrownBy(() -> new PidFileLocker(pidFile, process, posix).lock())
                    .isInstanceOf(FileRefusedException.class).hasMessageContaining(
                            ": not a pid file: its content is not a process id; name another pid file");
        }
        assertThat(new PidFileRemover(pidFile, posix).remove().warning()).get().asString()
                .contains(": not a pid file: its content is not a process id; name another pid file");
        assertThat(file).hasContent("my only notes\n");
    }

    @Test
    void forked_process_that_looks_like_a_start_is_not_signalled() throws Exception {
        Files.writeString(file, "99999\n");
        try (var process = ForkedProcess.fork()) {
            int fd = process.open(CString.of(file), Set.of(OpenFlag.O_RDONLY), FileMode.of(0));
            process.flock(fd, FlockOperation.LOCK_EX);
            assertThat(daemon.status().state()).isEqualTo(new State.LockedByOther(process.pid()));
            assertThat(daemon.stop()).isInstanceOf(StopResult.Failed.class);
            assertThat(failure().reason()).contains("is held by process " + process.pid());
            assertThat(process.isAlive()).isTrue();
        }
    }

    @Test
    void failed_removal_of_pid_file_hides_no_other_failure() throws Exception {
        Assumptions.assumeTrue(posix.getuid() == 0, "root takes the right away from another user");
        Files.writeString(file, "");
        Files.setAttribute(file, "unix:uid", 65534);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path log = Files.writeString(directory.resolve("d.log"), "");
        Files.setAttribute(log, "unix:uid", 65534);
        String command = "exec setpriv --reuid=65534 --regid=65534 --clear-groups env JAVA_HOME="
                + System.getProperty("java.home") + " " + CommandRunner.COMMAND;
        String options = " --name d --pid-file " + file;
        Assumptions.assumeTrue(Command.run("/bin/sh", "-c", command + " --version").status() == 0,
                "the checkout is out of an ordinary user's reach");
        Command failed = Command.run("/bin/sh", "-c",
                command + " start" + options + " --log " + log + " -- sh -c 'exit 3'");
        assertThat(failed.status()).isEqualTo(1);
        assertThat(failed.output()).contains("exited with status 3");
        Command started = Command.run("/bin/sh", "-c", command + " start" + options + " --log " + log
                + " -- sleep 300");
        assertThat(started.status()).as(started.output()).isZero();
        Command stopped = Command.run("/bin/sh", "-c", command + " stop" + options);
        assertThat(stopped.status()).as(stopped.output()).isZero();
        assertThat(Command.run("/bin/sh", "-c", command + " stop" + options).status()).isZero();
    }

    @Test
    void file_that_is_replaced_before_it_is_locked_is_opened_again() throws Exception {
        // Simulated: the first lstat after the lock finds another file, as if another process had replaced
        // it.
        try (var process = ForkedProcess.fork()) {
            boolean[] replaced = {false};
            process.setCallListener(call -> {
                if (call.function().equals("flock") && !replaced[0]) {
                    replaced[0] = true;
                    replace();
                }
            });
            int fd = new PidFileLocker(new PidFile(CString.of(file)), process, posix).lock();
            assertThat(replaced[0]).isTrue();
            assertThat(process.fstat(fd).isSameFileAs(posix.stat(file.toString()))).isTrue();
        }
    }

    private void replace() {
        try {
            Files.delete(file);
            Files.writeString(file, "");
        } catch (java.io.IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
    }

    @Test
    void failed_start_does_not_remove_the_file_of_another_daemon() throws Exception {
        int pid = start("/bin/sleep", "300");
        assertThat(daemon.start(Program.of("/bin/false"), AT_ONCE))
                .isEqualTo(new StartResult.AlreadyRunning("d", pid, false, false));
        assertThat(Files.readString(file)).isEqualTo(pid + "\n");
        assertThat(daemon.status().state()).isInstanceOf(State.Running.class);
    }

    @Test
    void removed_pid_file_of_running_daemon_is_reported() throws Exception {
        int pid = start("/bin/sleep", "300");
        Files.delete(file);
        assertThat(daemon.status().state()).isEqualTo(new State.NotRunning());
        Processes.kill(pid);
    }

    @Test
    void lock_is_seen_if_stat_and_kernel_report_different_devices() throws Exception {
        int pid = start("/bin/sleep", "300");
        FileStatus status = posix.stat(file.toString());
        var elsewhere =
                new FileStatus(status.dev() + 1, status.ino(), status.type(), status.permissions(),
                        status.nlink(), status.uid(),
                        status.gid(), status.rdev(), status.size());
        var table = new ProcLocks(posix);
        assertThat(table.acquirer(status, PidFile.NO_PID)).contains(new ProcLocks.Acquirer(pid, true));
        assertThat(table.acquirer(elsewhere, PidFile.NO_PID)).isEmpty();
        assertThat(ProcLocks.parse(List.of(), status)).isEmpty();
        assertThat(table.holds(pid, status)).isEqualTo(ProcLocks.Holding.YES);
        assertThat(table.holds(posix.getpid(), status)).isEqualTo(ProcLocks.Holding.NO);
        assertThat(table.holds(Integer.MAX_VALUE, status)).isEqualTo(ProcLocks.Holding.NO);
        assertThat(table.anyHolder(status)).hasValue(pid);
    }

    @Test
    void shared_lock_is_a_foreign_lock() throws Exception {
        Files.writeString(file, "1\n");
        int fd = posix.open(CString.of(file), Set.of(OpenFlag.O_RDONLY, OpenFlag.O_CLOEXEC), FileMode.of(0));
        try {
            posix.flock(fd, FlockOperation.LOCK_SH);
            assertThat(daemon.status().state()).isEqualTo(new State.LockedByOther(posix.getpid()));
        } finally {
            posix.close(fd);
        }
    }

    @Test
    void stop_ends_the_whole_process_group_and_no_other() throws Exception {
        Path ready = directory.resolve("ready");
        int pid = start("/bin/sh", "-c", "trap '' TERM; (trap '' TERM; echo x > " + ready
                + "; while :; do sleep 1; done) & while :; do sleep 1; done");
        Await.until(() -> Files.exists(ready));
        int pgid = ProcessStat.of(pid).orElseThrow().pgid();
        StopResult result = daemon.stopTimeout(Duration.ofMillis(300)).stop();
        assertThat(result).isInstanceOf(StopResult.Stopped.class);
        assertThat(((StopResult.Stopped) result).killed()).isTrue();
        assertThat(file).doesNotExist();
        Await.until(() -> Command.run(Tool.need("pgrep"), "-g", Integer.toString(pgid)).status() != 0);
    }
}
