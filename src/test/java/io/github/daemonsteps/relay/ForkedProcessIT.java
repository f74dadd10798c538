package io.github.daemonsteps.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Credentials;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.FlockOperation;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.ForkedProcessException;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.Posix;
import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.posix.SignalDisposition;
import io.github.daemonsteps.posix.SignalSet;
import io.github.daemonsteps.posix.SigprocmaskHow;
import io.github.daemonsteps.posix.WaitStatus;
import io.github.daemonsteps.procfs.ProcessStat;
import io.github.daemonsteps.procfs.TrackedProcess;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testkit.Faults;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForkedProcessIT {

    private final NativePosix posix = NativePosix.get();

    @Test
    void forked_process_is_a_child_that_makes_calls() {
        try (var process = ForkedProcess.fork()) {
            assertThat(process.pid()).isNotEqualTo(posix.getpid());
            assertThat(process.getpid()).isEqualTo(process.pid());
            assertThat(process.getppid()).isEqualTo(posix.getpid());
            assertThat(process.getpgid(0)).isEqualTo(posix.getpgid(0));
            assertThat(process.getsid(0)).isEqualTo(posix.getsid(0));
            assertThat(process.getuid()).isEqualTo(posix.getuid());
            assertThat(process.getgid()).isEqualTo(posix.getgid());
            assertThat(process.isAlive()).isTrue();
        }
    }

    @Test
    void changes_of_forked_process_do_not_affect_this_one() {
        try (var process = ForkedProcess.fork()) {
            process.chdir("/");
            FileMode mask = process.umask(FileMode.of(0777));
            assertThat(process.umask(mask)).isEqualTo(FileMode.of(0777));
            assertThat(process.stat(".").isSameFileAs(posix.stat("/"))).isTrue();
            assertThat(posix.stat(".").isSameFileAs(posix.stat("/"))).isFalse();
        }
    }

    @Test
    void failed_call_has_the_errno_of_the_forked_process() {
        try (var process = ForkedProcess.fork()) {
            assertThatExceptionOfType(PosixException.class).isThrownBy(() -> process.chdir("/nope"))
                    .withMessage("chdir(\"/nope\"): No such file or directory (ENOENT, 2)");
            assertThatExceptionOfType(PosixException.class).isThrownBy(() -> process.close(-1))
                    .withMessage("close(-1): Bad file descriptor (EBADF, 9)");
            assertThat(process.getpid()).isEqualTo(process.pid());
        }
    }

    @Test
    void signals_are_blocked_in_the_forked_process_only() throws Exception {
        SignalSet before = blockedInThisThread();
        try (var process = ForkedProcess.fork()) {
            SignalSet blocked = process.sigprocmask(SigprocmaskHow.SIG_BLOCK, SignalSet.NONE);
            assertThat(blocked.bits() | SignalSet.of(Signal.SIGKILL, Signal.SIGSTOP).bits())
                    .isEqualTo(SignalSet.ALL.bits());
        }
        assertThat(blockedInThisThread()).isEqualTo(before);
        assertThat(before.contains(Signal.SIGSEGV)).isFalse();
    }

    private static SignalSet blockedInThisThread() throws Exception {
        return Files.readAllLines(Path.of("/proc/thread-self/status")).stream()
                .filter(line -> line.startsWith("SigBlk:"))
                .map(line -> SignalSet.parse(line.substring("SigBlk:".length()).trim())).findFirst()
                .orElseThrow();
    }

    @Test
    void request_carries_several_calls_and_stops_at_the_first_that_fails() {
        List<PosixCall> calls = new ArrayList<>();
        try (var process = ForkedProcess.fork()) {
            Posix.Pipe pipe = process.pipe2(Set.of());
            process.setCallListener(calls::add);
            assertThatThrownBy(() -> process.close(List.of(pipe.readEnd(), -1, pipe.writeEnd())))
                    .isInstanceOf(PosixException.class)
                    .hasMessage("close(-1): Bad file descriptor (EBADF, 9)");
            assertThat(calls).extracting(PosixCall::toString).containsExactly(
                    "close(" + pipe.readEnd() + ") = 0",
                    "close(-1) = -1 EBADF (Bad file descriptor)");
            assertThatThrownBy(() -> process.fstat(pipe.readEnd())).isInstanceOf(PosixException.class);
            assertThat(process.fstat(pipe.writeEnd())).isNotNull();
        }
    }

    @Test
    void more_calls_than_a_request_holds_are_several_requests() {
        try (var process = ForkedProcess.fork()) {
            List<Integer> fds = IntStream.range(0, 2 * SharedBlock.MAX_CALLS + 3)
                    .mapToObj(i -> process.dup2(2, 100 + i)).toList();
            process.close(fds);
            assertThatThrownBy(() -> process.fstat(fds.getLast())).isInstanceOf(PosixException.class);
        }
    }

    @Test
    void strings_and_buffers_are_copied_both_ways(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("x");
        try (var process = ForkedProcess.fork()) {
            int fd = process.open(CString.of(file.toString()), Set.of(OpenFlag.O_RDWR, OpenFlag.O_CREAT),
                    FileMode.of(0600));
            process.write(fd, "hello".getBytes(StandardCharsets.UTF_8));
            assertThat(process.fstat(fd)).isEqualTo(posix.stat(file.toString()));
            int again = process.open(file.toString(), OpenFlag.O_RDONLY);
            assertThat(process.read(again, 100)).asString(StandardCharsets.UTF_8).isEqualTo("hello");
        }
        assertThat(file).hasContent("hello");
    }

    @Test
    void parent_that_stays_reports_the_end_of_its_child() throws Exception {
        try (var process = ForkedProcess.fork()) {
            int leader = process.setsid();
            try (var parent = process.forkKeepingParent()) {
                int child = process.pid();
                assertThat(parent.pid()).isEqualTo(leader).isNotEqualTo(child);
                assertThat(process.getpid()).isEqualTo(child);
                assertThat(process.getppid()).isEqualTo(leader);
                assertThat(parent.getpid()).isEqualTo(leader);
                assertThat(parent.waitpid(child)).isEqualTo(WaitStatus.RUNNING);
                process._exit(7);
                assertThat(parent.waitpid(child)).isEqualTo(new WaitStatus.Exited(7));
            }
            assertThat(ProcessStat.of(leader)).isEmpty();
        }
    }

    @Test
    void parent_that_exits_does_not_signal_its_group() throws Exception {
        try (var process = ForkedProcess.fork()) {
            process.setsid();
            var parent = process.forkKeepingParent();
            int leader = parent.pid();
            parent._exit(0);
            assertThat(ProcessStat.of(leader)).isEmpty();
            assertThat(process.getpgid(0)).isEqualTo(leader);
            assertThat(process.getppid()).isNotEqualTo(leader);
            parent.close();
            assertThat(process.isAlive()).isTrue();
        }
    }

    @Test
    void closed_parent_kills_its_group() throws Exception {
        try (var process = ForkedProcess.fork()) {
            process.setsid();
            process.forkKeepingParent().close();
            assertThatExceptionOfType(ForkedProcessException.class).isThrownBy(process::getpid);
        }
    }

    @Test
    void program_is_seen_running_while_its_parent_stays() throws Exception {
        try (var process = ForkedProcess.fork()) {
            process.setsid();
            try (var parent = process.forkKeepingParent()) {
                int child = process.pid();
                process.sigprocmask(SigprocmaskHow.SIG_SETMASK, SignalSet.NONE);
                process.execve(CString.of("/bin/sh"), CString.listOf("sh", "-c", "kill -9 $$"), List.of());
                var watch = TrackedProcess.of(posix, child);
                assertThat(watch.awaitEnd(System.nanoTime() + TimeUnit.MINUTES.toNanos(1))).isTrue();
                watch.close();
                assertThat(parent.waitpid(child)).isEqualTo(new WaitStatus.Signaled(Signal.SIGKILL));
            }
        }
    }

    @Test
    void parent_can_stay_once_only() {
        try (var process = ForkedProcess.fork(); var parent = process.forkKeepingParent()) {
            assertThatThrownBy(process::forkKeepingParent).isInstanceOf(IllegalStateException.class);
            assertThat(parent.getpid()).isEqualTo(process.getppid());
        }
    }

    @Test
    void soft_limit_of_open_descriptors_can_be_set() throws Exception {
        try (var process = ForkedProcess.fork()) {
            process.setrlimit(Credentials.Resource.RLIMIT_NOFILE,
                    new Credentials.ResourceLimit(64,
                            process.getrlimit(Credentials.Resource.RLIMIT_NOFILE).hard()));
            assertThat(Files.readString(Path.of("/proc/" + process.pid() + "/limits")))
                    .containsPattern("Max open files +64 +\\d+");
        }
    }

    @Test
    void niceness_is_that_of_the_forked_process_alone() throws Exception {
        int ours = posix.getpriority();
        try (var process = ForkedProcess.fork()) {
            assertThat(process.getpriority()).isEqualTo(ours);
            process.setpriority(12);
            assertThat(process.getpriority()).isEqualTo(12);
            assertThat(Files.readString(Path.of("/proc/" + process.pid() + "/stat")).split(" ")[18])
                    .isEqualTo("12");
            process.setpriority(100);
            assertThat(process.getpriority()).as("the nearest one").isEqualTo(19);
        }
        assertThat(posix.getpriority()).isEqualTo(ours);
    }

    @Test
    void lock_belongs_to_one_opening_and_ends_with_it(@TempDir Path directory) throws Exception {
        String file = Files.writeString(directory.resolve("x"), "12345").toString();
        try (var process = ForkedProcess.fork()) {
            int theirs = process.open(file, OpenFlag.O_RDWR);
            process.flock(theirs, FlockOperation.LOCK_EX);
            int mine = posix.open(file, OpenFlag.O_RDWR);
            assertThatExceptionOfType(PosixException.class)
                    .isThrownBy(() -> posix.flock(mine, FlockOperation.LOCK_EX))
                    .satisfies(held -> assertThat(held.errno()).isEqualTo(Errno.EAGAIN));
            process.ftruncate(theirs, 2);
            process.fsync(theirs);
            process.fchmod(theirs, FileMode.of(0600));
            assertThat(posix.fstat(mine).size()).isEqualTo(2);
            assertThat(posix.fstat(mine).permissions()).isEqualTo(FileMode.of(0600));
            process.close(theirs);
            posix.flock(mine, FlockOperation.LOCK_EX);
            posix.close(mine);
            process.unlink(CString.of(file));
            assertThat(directory).isEmptyDirectory();
        }
    }

    @Test
    void close_kills_and_reaps_the_process() throws Exception {
        var process = ForkedProcess.fork();
        int pid = process.pid();
        process.close();
        assertThat(process.isAlive()).isFalse();
        assertThat(ProcessStat.of(pid)).isEmpty();
        assertThatThrownBy(() -> posix.waitpid(pid)).isInstanceOf(PosixException.class)
                .hasMessageContaining("ECHILD");
        process.close();
        assertThatExceptionOfType(ForkedProcessException.class).isThrownBy(process::getpid)
                .withMessage("the forked process " + pid + " has been closed");
    }

    @Test
    void close_leaves_no_descriptor_and_no_mapping() throws Exception {
        ForkedProcess.fork().close();
        List<String> descriptors = descriptors();
        long mappings = sharedMappings();
        for (int i = 0; i < 50; i++) {
            try (var process = ForkedProcess.fork()) {
                process.setsid();
                process.forkExitingParent();
                assertThat(sharedMappings()).isGreaterThan(mappings);
            }
        }
        assertThat(descriptors()).isSubsetOf(descriptors);
        assertThat(sharedMappings()).isEqualTo(mappings);
    }

    /**
     * The descriptors of the kinds that a forked process uses. A JVM that runs tests opens and closes
     * others.
     */
    private static List<String> descriptors() throws Exception {
        List<String> descriptors = new ArrayList<>();
        try (var entries = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path entry : entries) {
                String link = Files.readSymbolicLink(entry).toString();
                if (link.startsWith("socket:") || link.contains("[pidfd]")) {
                    descriptors.add(entry + " " + link);
                }
            }
        }
        return descriptors;
    }

    private static long sharedMappings() throws Exception {
        try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.contains("rw-s") && line.contains("/dev/zero")).count();
        }
    }

    @Test
    void process_with_a_call_that_does_not_return_in_time_is_killed() {
        try (var process = ForkedProcess.fork(Duration.ofMillis(300), call -> {
        })) {
            int pid = process.pid();
            Posix.Pipe pipe = process.pipe2(Set.of());
            assertThatExceptionOfType(ForkedProcessException.class)
                    .isThrownBy(() -> process.read(pipe.readEnd(), 1)).withMessage(
                            "read(" + pipe.readEnd() + ", ..., 1): the forked process " + pid
                                    + " was killed: no answer within 300 ms");
            assertThat(ProcessStat.of(pid)).isEmpty();
        }
    }

    @Test
    void stopped_process_is_killed_at_the_deadline() throws Exception {
        try (var process = ForkedProcess.fork(Duration.ofMillis(300), call -> {
        })) {
            int pid = process.pid();
            posix.kill(pid, Signal.SIGSTOP);
            assertThatExceptionOfType(ForkedProcessException.class).isThrownBy(process::getpid);
            assertThat(ProcessStat.of(pid)).isEmpty();
        }
    }

    @Test
    void stopped_process_that_continues_in_time_answers() throws Exception {
        try (var process = ForkedProcess.fork()) {
            posix.kill(process.pid(), Signal.SIGSTOP);
            Thread goOn = Thread.ofVirtual().unstarted(() -> posix.kill(process.pid(), Signal.SIGCONT));
            Thread stopped = Thread.ofPlatform().start(() -> process.getpid());
            goOn.start();
            stopped.join(ChildJvm.DEADLINE);
            assertThat(stopped.isAlive()).isFalse();
            assertThat(process.getpid()).isEqualTo(process.pid());
        }
    }

    @Test
    void killed_process_is_reported_with_the_signal() throws Exception {
        try (var process = ForkedProcess.fork()) {
            int pid = process.pid();
            posix.kill(pid, Signal.SIGKILL);
            assertThatExceptionOfType(ForkedProcessException.class).isThrownBy(process::getpid)
                    .withMessage("getpid(): the forked process " + pid + " was killed by SIGKILL");
            assertThat(ProcessStat.of(pid)).isEmpty();
        }
    }

    @Test
    void process_exits_with_the_given_status() {
        List<PosixCall> calls = new ArrayList<>();
        try (var process = ForkedProcess.fork(Duration.ofSeconds(30), calls::add)) {
            int pid = process.pid();
            process._exit(7);
            assertThat(process.isAlive()).isFalse();
            assertThat(ProcessStat.of(pid)).isEmpty();
            assertThat(calls.getLast().text()).isEqualTo("_exit(7)");
        }
    }

    @Test
    void fork_returns_after_the_parent_is_reaped() {
        for (int i = 0; i < 100; i++) {
            try (var process = ForkedProcess.fork()) {
                int parent = process.pid();
                int child = process.forkExitingParent();
                assertThat(ProcessStat.of(parent)).isEmpty();
                assertThat(process.pid()).isEqualTo(child).isNotEqualTo(parent);
                assertThat(process.getpid()).isEqualTo(child);
                assertThat(process.getppid()).isNotEqualTo(parent).isNotEqualTo(posix.getpid());
            }
        }
    }

    @Test
    void forked_process_can_fork_repeatedly() throws Exception {
        try (var process = ForkedProcess.fork()) {
            int last = process.pid();
            for (int i = 0; i < 20; i++) {
                int next = process.forkExitingParent();
                assertThat(process.getpid()).isEqualTo(next);
                Processes.awaitEnd(last);
                last = next;
            }
        }
    }

    @Test
    void process_that_is_not_a_child_is_killed_too() throws Exception {
        var process = ForkedProcess.fork();
        process.forkExitingParent();
        int pid = process.pid();
        process.close();
        assertThat(Processes.hasEnded(pid)).isTrue();
    }

    @Test
    void forked_process_becomes_a_program_and_runs_on() throws Exception {
        var process = ForkedProcess.fork();
        int pid = process.pid();
        process.execve(CString.of("/bin/sleep"), List.of(CString.of("sleep"), CString.of("60")), List.of());
        try {
            process.close();
            assertThat(Processes.hasEnded(pid)).isFalse();
            assertThat(ProcessStat.of(pid).orElseThrow().hasExecuted()).isTrue();
            assertThat(Path.of("/proc/" + pid + "/exe").toRealPath())
                    .isEqualTo(Path.of("/bin/sleep").toRealPath());
            assertThat(process.isAlive()).isFalse();
            assertThatThrownBy(process::getpid).isInstanceOf(ForkedProcessException.class)
                    .hasMessage("the forked process " + pid + " has become another program");
        } finally {
            Processes.kill(pid);
            reapWhenEnded(pid);
        }
    }

    @Test
    void arguments_and_environment_reach_the_program_byte_for_byte(@TempDir Path directory) throws Exception {
        CString odd = CString.ofBytes(new byte[]{'a', (byte) 0xff, ' ', '\n', (byte) 0xc3});
        Path output = directory.resolve("out");
        try (var process = ForkedProcess.fork()) {
            int fd = process.open(CString.of(output.toString()), Set.of(OpenFlag.O_WRONLY, OpenFlag.O_CREAT),
                    FileMode.of(0600));
            process.dup2(fd, 1);
            int pid = process.pid();
            process.execve(CString.of("/bin/cat"),
                    List.of(CString.of("cat"), CString.of("/proc/self/environ"),
                            CString.of("/proc/self/cmdline"), CString.of("--"), odd),
                    List.of(CString.of("MARK=é"), CString.of("EMPTY="), odd));
            reapWhenEnded(pid);
        }
        assertThat(new String(Files.readAllBytes(output), StandardCharsets.ISO_8859_1))
                .isEqualTo(
                        "MARK=\u00c3\u00a9\0EMPTY=\0a\u00ff \n\u00c3\0cat\0/proc/self/environ\0/proc/self/cmdline\0--\0a\u00ff \n\u00c3\0");
    }

    private void reapWhenEnded(int pid) {
        var watch = TrackedProcess.of(posix, pid);
        assertThat(watch.awaitEnd(System.nanoTime() + ChildJvm.DEADLINE.toNanos())).isTrue();
        assertThat(watch.reap()).isTrue();
        watch.close();
    }

    @Test
    void failed_execve_has_an_errno_and_the_process_continues(@TempDir Path directory)
            throws Exception {
        Path text = Files.writeString(directory.resolve("text"), "no program\n");
        try (var process = ForkedProcess.fork()) {
            assertThatThrownBy(() -> execute(process, "/nope")).isInstanceOf(PosixException.class)
                    .hasMessageContaining("(ENOENT, 2)");
            assertThatThrownBy(() -> execute(process, text.toString())).isInstanceOf(PosixException.class)
                    .hasMessageContaining("(EACCES, 13)");
            assertThat(text.toFile().setExecutable(true)).isTrue();
            assertThatThrownBy(() -> execute(process, text.toString())).isInstanceOf(PosixException.class)
                    .hasMessageContaining("(ENOEXEC, 8)");
            assertThat(process.getpid()).isEqualTo(process.pid());
        }
    }

    @Test
    void too_many_arguments_fail_with_errno() {
        CString megabyte = CString.of("x".repeat(1 << 20));
        try (var process = ForkedProcess.fork()) {
            for (int megabytes : new int[]{7, 20}) {
                List<CString> arguments = java.util.Collections.nCopies(megabytes, megabyte);
                assertThatThrownBy(() -> process.execve(CString.of("/bin/true"), arguments, List.of()))
                        .isInstanceOf(PosixException.class)
                        .hasMessageEndingWith(": Argument list too long (E2BIG, 7)");
            }
            assertThat(process.getpid()).isEqualTo(process.pid());
        }
    }

    private static void execute(ForkedProcess process, String path) {
        process.execve(CString.of(path), List.of(CString.of(path)), List.of());
    }

    @Test
    void process_killed_before_execve_is_a_failure() throws Exception {
        try (var process = ForkedProcess.fork()) {
            posix.kill(process.pid(), Signal.SIGKILL);
            assertThatThrownBy(() -> execute(process, "/bin/true")).isInstanceOf(ForkedProcessException.class)
                    .hasMessageContaining("was killed by SIGKILL");
        }
    }

    @Test
    void program_that_exits_at_once_was_executed() {
        for (int i = 0; i < 50; i++) {
            try (var process = ForkedProcess.fork()) {
                int pid = process.pid();
                execute(process, "/bin/true");
                reapWhenEnded(pid);
            }
        }
    }

    @Test
    void pending_signal_ends_the_process_after_unblocking() throws Exception {
        try (var process = ForkedProcess.fork()) {
            posix.kill(process.pid(), Signal.SIGTERM);
            assertThat(process.getpid()).isEqualTo(process.pid());
            process.signal(Signal.SIGTERM, SignalDisposition.SIG_DFL);
            assertThatThrownBy(() -> {
                process.sigprocmask(SigprocmaskHow.SIG_SETMASK, SignalSet.NONE);
                process.getpid();
            }).isInstanceOf(ForkedProcessException.class).hasMessageContaining("was killed by SIGTERM");
        }
    }

    @Test
    void end_of_a_process_is_not_delayed_by_another() throws Exception {
        try (var older = ForkedProcess.fork(); var younger = ForkedProcess.fork()) {
            // If the younger process held the launcher's end of the older one's control socket, the older
            // one would never see its end.
            int pid = older.pid();
            older.close();
            assertThat(ProcessStat.of(pid)).isEmpty();
            assertThat(younger.getpid()).isEqualTo(younger.pid());
        }
    }

    @Test
    void many_threads_may_use_one_process() throws Exception {
        try (var process = ForkedProcess.fork()) {
            List<Thread> threads = new ArrayList<>();
            List<Throwable> wrong = java.util.Collections.synchronizedList(new ArrayList<>());
            for (int i = 0; i < 8; i++) {
                boolean fails = i % 2 == 0;
                threads.add(Thread.ofPlatform().start(() -> {
                    try {
                        for (int round = 0; round < 500; round++) {
                            if (fails) {
                                assertThatThrownBy(() -> process.chdir("/nope"))
                                        .hasMessageContaining("ENOENT");
                            } else {
                                assertThat(process.getpid()).isEqualTo(process.pid());
                            }
                        }
                    } catch (Throwable failure) {
                        wrong.add(failure);
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(wrong).isEmpty();
        }
    }

    @Test
    void process_without_pidfd_is_tracked_by_its_number() throws Exception {
        var process = ForkedProcess.fork();
        var watch = new TrackedProcess(posix, process.pid(), -1);
        assertThat(watch.awaitEnd(System.nanoTime())).isFalse();
        watch.kill();
        assertThat(watch.awaitEnd(System.nanoTime() + ChildJvm.DEADLINE.toNanos())).isTrue();
        assertThat(watch.end()).isEqualTo("was killed by SIGKILL");
        watch.kill();
        process.close();
    }

    @Test
    void end_of_process_during_the_check_is_reported() throws Exception {
        var process = ForkedProcess.fork();
        var faults = new Faults(new Faults.Script() {
            @Override
            public void after(List<Faults.Call> request) {
                if (request.stream()
                        .anyMatch(call -> call.function().equals("waitpid") && call.ordinal() == 0)) {
                    posix.kill(process.pid(), Signal.SIGKILL);
                    Await.until(() -> ProcessStat.of(process.pid()).orElseThrow().hasEnded());
                }
            }
        });
        var watch = new TrackedProcess(NativePosix.intercepted(faults), process.pid(), -1);
        assertThat(watch.awaitEnd(System.nanoTime() + ChildJvm.DEADLINE.toNanos())).isTrue();
        assertThat(watch.end()).isEqualTo("was killed by SIGKILL");
        process.close();
    }

    @Test
    void listener_cannot_use_its_process() {
        try (var process = ForkedProcess.fork()) {
            process.setCallListener(call -> process.getpid());
            assertThatThrownBy(process::getppid).isInstanceOf(IllegalStateException.class);
            process.setCallListener(call -> process.close());
            assertThatThrownBy(process::getppid).isInstanceOf(IllegalStateException.class);
            process.setCallListener(call -> {
            });
            assertThat(process.getppid()).isEqualTo(posix.getpid());
        }
    }

    @Test
    void listener_that_throws_at_the_fork_leaves_no_process() throws Exception {
        List<String> before = descriptors();
        List<Integer> pids = new ArrayList<>();
        assertThatThrownBy(() -> ForkedProcess.fork(ForkedProcess.DEADLINE, call -> {
            pids.add(Integer.valueOf(call.result()));
            throw new IllegalStateException("no");
        })).isInstanceOf(IllegalStateException.class).hasMessage("no");
        assertThat(pids).singleElement().satisfies(pid -> assertThat(ProcessStat.of(pid)).isEmpty());
        assertThat(descriptors()).isSubsetOf(before);
    }

    @Test
    void deadline_may_be_of_any_length_above_zero() {
        try (var process = ForkedProcess.fork(Duration.ofSeconds(Long.MAX_VALUE), call -> {
        })) {
            assertThat(process.getpid()).isEqualTo(process.pid());
        }
        for (Duration none : List.of(Duration.ZERO, Duration.ofMillis(-1))) {
            assertThatThrownBy(() -> ForkedProcess.fork(none, call -> {
            })).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
