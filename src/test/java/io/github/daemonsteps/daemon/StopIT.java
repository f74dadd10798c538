package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.daemon.Status.State;
import io.github.daemonsteps.daemon.control.ProcessGroup;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CallInterceptor.Effect;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.procfs.ProcessStat;
import io.github.daemonsteps.procfs.TrackedProcess;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.OrdinaryUser;
import io.github.daemonsteps.testing.Programs;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Faults;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The processes that a stop ends, and the signals that it sends. */
@Daemons
class StopIT {

    private static final Readiness AT_ONCE = new Readiness.AliveAfter(Duration.ofMillis(1));

    private Launcher launcher;
    private Path directory;
    private Path ready;
    private Daemon daemon;

    @BeforeEach
    void configure(Launcher launcher, TestDirectory testDirectory) {
        this.launcher = launcher;
        directory = testDirectory.path();
        ready = directory.resolve("ready");
        daemon = launcher.daemon("d").environment("ready", ready.toString())
                .stopTimeout(Duration.ofSeconds(30));
    }

    private List<Integer> left() {
        return launcher.processes();
    }

    /** A process that holds the lock keeps the pid file. */
    private void deleteAllThatIsLeft() throws IOException {
        launcher.killProcesses();
        Files.delete(directory.resolve("d.pid"));
    }

    /**
     * Starts a script, waits until the script has created the file {@code $ready}, and returns the content.
     */
    private String start(String... command) throws IOException {
        StartResult result = daemon.start(Program.of(command[0], List.of(command).subList(1, command.length)
                .toArray(String[]::new)), AT_ONCE);
        assertThat(result).isInstanceOf(StartResult.Started.class);
        Await.until(() -> Files.exists(ready) && Files.readString(ready).endsWith("\n"), () -> "not ready");
        return Files.readString(ready).trim();
    }

    private int pid() throws IOException {
        return Integer.parseInt(Files.readString(directory.resolve("d.pid")).trim());
    }

    private StopResult.Stopped stopped(StopResult result) {
        assertThat(result).isInstanceOf(StopResult.Stopped.class);
        return (StopResult.Stopped) result;
    }

    @Test
    void wrapper_whose_child_goes_on_leaves_nothing() throws Exception {
        Path script = Files.writeString(directory.resolve("wrapper"),
                "#!/bin/sh\necho $$ > $ready\nsleep 906\necho end\n");
        start("/bin/sh", script.toString());
        int pid = pid();
        Processes.awaitChild(pid);
        assertThat(daemon.stop())
                .isEqualTo(new StopResult.Stopped("d", pid, false, 1, false, null, List.of()));
        assertThat(left()).isEmpty();
        assertThat(directory.resolve("d.pid")).doesNotExist();
        assertThat(directory.resolve("d.log")).as("the shell was ended before its child").hasContent("");
    }

    @Test
    void process_mode_ends_the_process_alone_and_keeps_the_pid_file() throws Exception {
        int child = Integer.parseInt(start("/bin/sh", "-c", "sleep 300 & echo $! > $ready; wait"));
        int pid = pid();
        assertThat(daemon.killMode(KillMode.PROCESS).stop())
                .isEqualTo(new StopResult.Stopped("d", pid, false, 0, true, child, List.of()));
        assertThat(Processes.hasEnded(child)).isFalse();
        assertThat(daemon.status().state()).isEqualTo(new State.LockInherited(child));
        assertThat(daemon.start(Program.of("/bin/sleep", "300"), AT_ONCE).message())
                .contains("process " + child + " holds the lock");
        assertThat(left()).containsExactly(child);
        deleteAllThatIsLeft();
    }

    @Test
    void group_mode_signals_every_member_at_once() throws Exception {
        // The process ends after its child, so both must have been signalled.
        start("/bin/sh", "-c", "trap 'wait; exit' TERM; sleep 300 & echo x > $ready; wait");
        assertThat(stopped(daemon.killMode(KillMode.GROUP).stop()).killed()).isFalse();
        assertThat(left()).isEmpty();
    }

    @Test
    void mixed_mode_signals_the_members_after_the_process_has_ended() throws Exception {
        int child = Integer.parseInt(start("/bin/sh", "-c",
                "trap 'kill -0 $child && echo the child lives; exit' TERM;"
                        + " sleep 300 & child=$!; echo $child > $ready; wait"));
        assertThat(stopped(daemon.stop()).others()).isEqualTo(1);
        assertThat(directory.resolve("d.log")).hasContent("the child lives\n");
        assertThat(Processes.hasEnded(child)).isTrue();
    }

    @Test
    void members_that_ignore_the_signal_are_killed_after_the_timeout() throws Exception {
        start("/bin/sh", "-c", "(trap '' TERM; echo x > $ready; while :; do sleep 1; done) & wait");
        StopResult.Stopped stopped = stopped(daemon.stopTimeout(Duration.ofMillis(300)).stop());
        assertThat(stopped.killed()).as("the process itself").isFalse();
        assertThat(stopped.others()).isPositive();
        assertThat(left()).isEmpty();
    }

    @Test
    void members_that_fork_while_they_are_stopped_leave_nothing() throws Exception {
        start("/bin/sh", "-c",
                "for i in 1 2 3; do (trap '' TERM; echo x > $ready; while :; do sleep 30 & sleep 0.01;"
                        + " done) & done; wait");
        stopped(daemon.stopTimeout(Duration.ofMillis(500)).stop());
        assertThat(left()).isEmpty();
    }

    @Test
    void member_that_is_forked_at_the_very_end_is_ended_too() throws Exception {
        // No process of the group is tracked when the daemon ends: the child is known by the lock.
        start(Tool.path("python3"), "-c", """
                import os, signal, sys, time
                def end(*_):
                    if os.fork() == 0:
                        os.execv('/bin/sleep', ['sleep', '300'])
                    os._exit(0)
                signal.signal(signal.SIGTERM, end)
                open(os.environ['ready'], 'w').write('x\\n')
                while True: signal.pause()
                """);
        assertThat(stopped(daemon.stop()).others()).isEqualTo(1);
        assertThat(left()).isEmpty();
    }

    @Test
    void members_that_exit_at_once_are_not_reported() throws Exception {
        for (int i = 0; i < 5; i++) {
            Files.deleteIfExists(ready);
            start("/bin/sh", "-c", "trap 'kill $a $b; exit' TERM; sleep 300 & a=$!; sleep 300 & b=$!;"
                    + " echo x > $ready; wait");
            assertThat(stopped(daemon.stop()).lockStillHeld()).isFalse();
            assertThat(left()).isEmpty();
        }
    }

    @Test
    void zombie_in_the_group_is_not_waited_for() throws Exception {
        // A process outside of the group has a child in the group that it does not reap.
        int zombie = Integer.parseInt(start(Tool.path("python3"), "-c", """
                import os, time
                r, w = os.pipe()
                group = os.getpgid(0)
                if os.fork() == 0:
                    os.setpgid(0, 0)
                    child = os.fork()
                    if child == 0:
                        os.setpgid(0, group)
                        os._exit(0)
                    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
                    os.closerange(3, 256)
                    open(os.environ['ready'], 'w').write('%d\\n' % child)
                    time.sleep(300)
                time.sleep(300)
                """));
        ProcessStat stat = ProcessStat.of(zombie).orElseThrow();
        assertThat(stat.hasEnded()).isTrue();
        assertThat(stat.pgid()).isEqualTo(stat.sid());
        assertThat(stopped(daemon.stop()).others()).isZero();
        assertThat(left()).as("the process in another group is not reached").hasSize(1);
        launcher.killProcesses();
    }

    @Test
    void process_in_a_session_of_its_own_is_named_and_blocks_the_next_start() throws Exception {
        int child = Integer.parseInt(start("/bin/sh", "-c", "setsid sleep 300 & echo $! > $ready; wait"));
        Processes.awaitCommand(child, "sleep");
        int pid = pid();
        StopResult.Stopped stopped = stopped(daemon.stop());
        assertThat(stopped)
                .isEqualTo(new StopResult.Stopped("d", pid, false, 0, true, child, List.of()));
        assertThat(stopped.message()).contains("process " + child);
        assertThat(directory.resolve("d.pid")).exists();
        assertThat(daemon.stop().message()).contains("process " + child + " holds the lock");
        assertThat(daemon.start(Program.of("/bin/sleep", "300"), AT_ONCE).message())
                .contains("process " + child + " holds the lock");
        assertThat(left()).containsExactly(child);
        deleteAllThatIsLeft();
    }

    @Test
    void group_that_is_shared_with_a_script_is_not_signalled() throws Exception {
        // A script that is a session leader runs a program in the foreground, which has the lock as a
        // daemon has.
        start("/bin/sh", "-c", "sleep 300 & echo $! > $ready; wait");
        int pid = pid();
        ProcessStat stat = ProcessStat.of(pid).orElseThrow();
        Process script =
                new ProcessBuilder(Tool.need("setsid"), "/bin/sh", "-c", "sleep 300 & echo $!; cat; wait")
                        .start();
        try {
            int sibling = Integer.parseInt(script.inputReader().readLine());
            var posix = NativePosix.get();
            try (var watch = TrackedProcess.of(posix, sibling); var group = ProcessGroup.of(watch, posix)) {
                group.scan();
                group.signal(Signal.SIGKILL);
                assertThat(group.ended()).isZero();
                assertThat(group.remaining()).isEmpty();
            }
            assertThat(script.isAlive()).isTrue();
            assertThat(stat.pgid()).as("that of a daemon is its own").isEqualTo(stat.sid());
        } finally {
            script.descendants().forEach(ProcessHandle::destroyForcibly);
            script.destroyForcibly().waitFor();
        }
        assertThat(daemon.stop()).isInstanceOf(StopResult.Stopped.class);
    }

    @Test
    void member_of_another_user_is_ended_by_root() throws Exception {
        Assumptions.assumeTrue(NativePosix.get().getuid() == 0, "root can become another user");
        int member =
                Integer.parseInt(start("/bin/sh", "-c", "setpriv --reuid=65534 --regid=65534 --clear-groups"
                        + " sleep 300 & echo $! > $ready; wait"));
        Processes.awaitCommand(member, "sleep");
        assertThat(stopped(daemon.stop()).others()).isEqualTo(1);
        assertThat(left()).isEmpty();
    }

    @Test
    void member_that_may_not_be_signalled_is_reported() throws Exception {
        Assumptions.assumeTrue(NativePosix.get().getuid() == 0,
                "root can start a program that becomes another user");
        int member = Integer.parseInt(start("/bin/sh", "-c", "sleep 300 & echo $! > $ready;"
                + " exec setpriv --reuid=65534 --regid=65534 --clear-groups sleep 300"));
        int pid = pid();
        Processes.awaitCommand(pid, "sleep");
        var user = new OrdinaryUser(directory);
        try (var jvm = ChildJvm.start(new ProcessBuilder(user.command(List.of(), SubcommandRunner.class)))) {
            jvm.send(SubcommandRunner.request(directory.resolve("d.pid"), directory.resolve("d.log"),
                    List.of("stop")));
            assertThat(jvm.line()).startsWith("stop 4 d: not stopped: process " + pid
                    + " has exited, but process " + member + " of its group still runs: ")
                    .endsWith("(EPERM, 1)");
        }
        assertThat(directory.resolve("d.pid")).exists();
        assertThat(left()).containsExactly(member);
        deleteAllThatIsLeft();
    }

    @Test
    void members_are_not_signalled_without_pidfds_and_are_reported() throws Exception {
        var isBroken = new AtomicBoolean();
        var faults = new Faults(new Faults.Script() {
            @Override
            public Effect effect(Faults.Call call) {
                return isBroken.get() && call.function().equals("pidfd_open")
                        ? new Effect.Fails(Errno.ENOSYS)
                        : new Effect.Executed();
            }
        });
        daemon = daemon.callTimeout(Duration.ofSeconds(20)).interceptCalls(faults);
        int child = Integer.parseInt(start("/bin/sh", "-c", "sleep 300 & echo $! > $ready; wait"));
        int pid = pid();
        isBroken.set(true);
        StopResult result = daemon.stop();
        assertThat(result.message())
                .isEqualTo("d: not stopped: process " + pid + " has exited, but process " + child
                        + " of its group still runs: no pidfd, so not signalled");
        assertThat(ExitStatus.isError(result)).isTrue();
        assertThat(faults.violations()).isEmpty();
        assertThat(left()).containsExactly(child);
        deleteAllThatIsLeft();
    }

    @Test
    void daemon_that_was_stopped_by_sigstop_sees_the_stop_signal() throws Exception {
        start("/bin/sh", "-c",
                "trap 'echo seen; exit' TERM; (until [ -s $ready ]; do :; done; kill -STOP $$) &"
                        + " echo x > $ready; while :; do sleep 0.1; done");
        int pid = pid();
        Programs.awaitStopped(pid);
        assertThat(stopped(daemon.stop()).killed()).isFalse();
        assertThat(directory.resolve("d.log")).hasContent("seen\n");
    }

    @Test
    void member_that_was_stopped_by_sigstop_sees_the_stop_signal() throws Exception {
        int member = Integer.parseInt(start("/bin/sh", "-c",
                "(trap 'echo seen; exit' TERM; sh -c 'echo $PPID > $ready; kill -STOP $PPID'; while :; do sleep 0.1; done) &"
                        + " wait"));
        Programs.awaitStopped(member);
        stopped(daemon.stop());
        assertThat(directory.resolve("d.log")).hasContent("seen\n");
        assertThat(left()).isEmpty();
    }

    @Test
    void stop_signal_that_was_chosen_is_the_one_that_is_sent() throws Exception {
        start("/bin/sh", "-c", "trap 'echo term' TERM; trap 'echo usr1; exit' USR1; echo x > $ready;"
                + " while :; do sleep 0.1; done");
        assertThat(stopped(daemon.stopSignal(Signal.SIGUSR1).stop()).killed()).isFalse();
        assertThat(directory.resolve("d.log")).hasContent("usr1\n");
    }
}
