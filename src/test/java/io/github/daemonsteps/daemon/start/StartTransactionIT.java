package io.github.daemonsteps.daemon.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daemonsteps.daemon.CancelledStart;
import io.github.daemonsteps.daemon.files.FileRefusedException;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.CallInterceptor.Place;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.ForkedProcessException;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testkit.Faults;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A start that does not succeed leaves nothing, at any place. */
class StartTransactionIT {

    @TempDir
    private Path directory;

    private static final Program PROGRAM = Program.of("/bin/true");

    private StartTransaction attempt(Path pidFile) {
        return new StartTransaction(CString.of(pidFile), NativePosix.get());
    }

    /** As if the launcher were ended by a signal meanwhile. */
    @ParameterizedTest
    @ValueSource(strings = {"fstat", "flock", "lstat", "ftruncate", "write", "fsync"})
    void process_that_ends_during_the_acquisition_leaves_no_pid_file(String call) {
        Path file = directory.resolve("x.pid");
        Faults faults = Faults.killing(Place.CHILD).before(call);
        try (var process = ForkedProcess.fork(ForkedProcess.DEADLINE, _ -> {
        }, faults); var attempt = attempt(file)) {
            attempt.watch(process.pid());
            assertThatThrownBy(() -> attempt.takePidFile(process, PROGRAM, false))
                    .isInstanceOf(ForkedProcessException.class);
            assertThat(file).exists();
        }
        assertThat(file).doesNotExist();
    }

    /** Returns the process; the listener receives the name of each method before the method is called. */
    private static ForkedProcess listening(ForkedProcess process, Consumer<String> listener) {
        return (ForkedProcess) Proxy.newProxyInstance(StartTransactionIT.class.getClassLoader(),
                new Class<?>[]{ForkedProcess.class}, (_, method, arguments) -> {
                    listener.accept(method.getName());
                    try {
                        return method.invoke(process, arguments);
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                });
    }

    /** While a removal is being replaced, none is in force. A launcher may be killed at any instant. */
    @Test
    void removal_on_launcher_death_is_not_replaced_after_the_pid_file_was_created() throws Exception {
        List<String> names = new ArrayList<>();
        try (var process = ForkedProcess.fork(); var attempt = attempt(directory.resolve("x.pid"))) {
            attempt.watch(process.pid());
            attempt.takePidFile(listening(process, names::add), PROGRAM, false);
        }
        assertThat(names).contains("unlinkOnLauncherDeath", "open");
        assertThat(names.subList(names.indexOf("open"), names.size())).doesNotContain("unlinkOnLauncherDeath",
                "cancelUnlinkOnLauncherDeath");
    }

    @Test
    void refused_pid_file_stays() throws Exception {
        Path other = Files.writeString(directory.resolve("other"), "kept\n");
        Path file = Files.createLink(directory.resolve("x.pid"), other);
        try (var process = ForkedProcess.fork(); var attempt = attempt(file)) {
            attempt.watch(process.pid());
            assertThatThrownBy(() -> attempt.takePidFile(process, PROGRAM, false))
                    .isInstanceOf(FileRefusedException.class);
        }
        assertThat(file).hasContent("kept\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"FORK", "SETSID", "FORK_AGAIN", "CHDIR", "REOPEN", "EXEC"})
    void launcher_ended_by_signal_reports_it_and_leaves_nothing(String step) throws Exception {
        Path file = directory.resolve("x.pid");
        try (var jvm = ChildJvm.start(CancelledStart.class, step, file.toString(),
                directory.resolve("x.log").toString())) {
            assertThat(jvm.rest()).containsExactly("cancelled: not started: the start was cancelled");
            assertThat(jvm.status()).isEqualTo(143);
        }
        assertThat(file).doesNotExist();
    }
}
