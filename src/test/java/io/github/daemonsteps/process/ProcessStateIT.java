package io.github.daemonsteps.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.procfs.ProcessStat;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The report of the kernel on a process is parsed correctly for any name of the process. */
class ProcessStateIT {

    @ParameterizedTest
    @ValueSource(strings = {") Z 1 1 1 0 (", ")", "(", " ", "\nUmask:\t0777", "\nSigIgn: ff"})
    void process_name_that_looks_like_fields_is_parsed(String name) throws Exception {
        try (var process = ForkedProcess.fork()) {
            process.getpid(); // the process has closed the launcher's end of its control socket by now
            ProcessState before = ProcessState.of(process.pid());
            int comm = process.open("/proc/self/comm", OpenFlag.O_WRONLY);
            process.write(comm, name.getBytes(StandardCharsets.UTF_8));
            process.close(comm);
            assertThat(Files.readString(Path.of("/proc/" + process.pid() + "/comm"))).isEqualTo(name + "\n");
            assertThat(ProcessState.of(process.pid())).isEqualTo(before);
            ProcessStat stat = ProcessStat.of(process.pid()).orElseThrow();
            assertThat(stat.hasEnded()).isFalse();
            assertThat(stat.ppid()).isEqualTo(NativePosix.get().getpid());
        }
    }

    @Test
    void state_of_a_reaped_process_is_unknown() {
        var process = ForkedProcess.fork();
        int pid = process.pid();
        process.close();
        assertThat(ProcessState.of(pid)).isEqualTo(
                new ProcessState(pid, null, null, null, null, null, null, null, null, null, null, null, null,
                        null,
                        null));
    }

    @Test
    void state_of_this_process_is_that_of_the_c_library() {
        ProcessState state = ProcessState.ofThisProcess();
        NativePosix posix = NativePosix.get();
        assertThat(state.pid()).isEqualTo(posix.getpid());
        assertThat(state.ppid()).isEqualTo(posix.getppid());
        assertThat(state.pgid()).isEqualTo(posix.getpgid(0));
        assertThat(state.sid()).isEqualTo(posix.getsid(0));
        assertThat(state.uid()).isEqualTo(posix.getuid());
        assertThat(state.gid()).isEqualTo(posix.getgid());
    }
}
