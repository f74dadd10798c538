package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Programs;
import io.github.daemonsteps.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The signals of a reload, and its report on a program that does not survive it. */
class ReloadIT {

    @TempDir
    private Path directory;

    private Daemon daemon;

    @BeforeEach
    void configure() {
        daemon = Daemon.named("d").pidFile(directory.resolve("d.pid")).log(directory.resolve("d.log"));
    }

    @AfterEach
    void stop() {
        daemon.stop();
    }

    /** Starts a program that writes a newline to descriptor 9 when it is ready. */
    private int start(String command, String... arguments) {
        StartResult result = daemon.start(Program.of(command, arguments), Readiness.notificationFd(9));
        assertThat(result).isInstanceOf(StartResult.Started.class);
        return ((StartResult.Started) result).pid();
    }

    private int startPython(String script) {
        return start(Tool.path("python3"), "-c", "import os, signal, time\n" + script
                + "\nos.write(9, b'\\n')\nwhile True: time.sleep(1)\n");
    }

    @Test
    void jvm_without_this_library_that_ends_is_reported() throws Exception {
        Path source = Files.writeString(directory.resolve("Plain.java"), """
                public class Plain {
                    public static void main(String[] args) throws Exception {
                        new java.io.FileOutputStream("/proc/self/fd/9").write('\\n');
                        Thread.currentThread().join(); // until the reload ends this process
                    }
                }
                """);
        int pid = start(ChildJvm.java().toString(), source.toString());
        ReloadResult result = daemon.reload();
        assertThat(result).isEqualTo(new ReloadResult.Ended("d", pid, Signal.SIGHUP));
        assertThat(ExitStatus.of(result)).isEqualTo(1);
        assertThat(ExitStatus.isError(result)).isTrue();
        assertThat(result.message())
                .isEqualTo("d: not reloaded: process " + pid + " exited after SIGHUP");
    }

    @Test
    void python_that_ends_of_a_caught_signal_is_reported() {
        int pid = startPython("""
                def end(*_):
                    time.sleep(0.1)
                    os.abort()
                signal.signal(signal.SIGHUP, end)""");
        assertThat(daemon.reload()).isEqualTo(new ReloadResult.Ended("d", pid, Signal.SIGHUP));
        assertThat(Processes.hasEnded(pid)).isTrue();
    }

    @Test
    void reload_signal_that_was_chosen_is_the_one_that_is_sent() throws IOException {
        int pid = startPython("signal.signal(signal.SIGUSR1, lambda *_: os.write(1, b'usr1\\n'))");
        assertThat(daemon.reload())
                .isEqualTo(new ReloadResult.Failed("d",
                        "process " + pid + " does not catch SIGHUP, and would die of it", null));
        assertThat(daemon.reloadSignal(Signal.SIGUSR1).reload())
                .isEqualTo(new ReloadResult.Signalled("d", pid));
        assertThat(directory.resolve("d.log")).hasContent("usr1\n");
    }

    @Test
    void reload_signal_that_is_ignored_is_refused() {
        int pid = startPython("signal.signal(signal.SIGUSR2, signal.SIG_IGN)");
        assertThat(daemon.reloadSignal(Signal.SIGUSR2).reload())
                .isEqualTo(new ReloadResult.Failed("d", "process " + pid + " ignores SIGUSR2", null));
    }

    @Test
    void reload_of_a_process_that_is_stopped_is_refused() {
        int pid = startPython("signal.signal(signal.SIGHUP, lambda *_: os.write(1, b'reloaded\\n'))");
        NativePosix.get().kill(pid, Signal.SIGSTOP);
        Programs.awaitStopped(pid);
        assertThat(daemon.reload()).isEqualTo(new ReloadResult.Failed("d",
                "process " + pid + " is stopped, and would not see SIGHUP before SIGCONT", null));
        assertThat(directory.resolve("d.log")).hasContent("");
    }

    @Test
    void reload_signal_that_no_process_can_catch_is_refused_at_once() {
        for (Signal signal : new Signal[]{Signal.SIGKILL, Signal.SIGSTOP}) {
            assertThatIllegalArgumentException().isThrownBy(() -> daemon.reloadSignal(signal))
                    .withMessageContaining(signal.name());
        }
    }
}
