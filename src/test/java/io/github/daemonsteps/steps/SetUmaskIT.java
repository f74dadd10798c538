package io.github.daemonsteps.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.process.ProcessState;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Step 5: the permissions of the daemon's files. */
class SetUmaskIT {

    private static final Set<OpenFlag> CREATE = Set.of(OpenFlag.O_WRONLY, OpenFlag.O_CREAT, OpenFlag.O_EXCL);

    @ParameterizedTest
    @ValueSource(strings = {"0", "022", "027", "077", "0777"})
    void new_file_under_umask_0_has_the_requested_mode(String octal, @TempDir Path directory) {
        FileMode mask = FileMode.parse(octal);
        try (var process = ForkedProcess.fork()) {
            assertThat(new SetUmask(mask).run(process).outcome()).isInstanceOf(StepOutcome.Done.class);
            assertThat(ProcessState.of(process.pid()).umask()).isEqualTo(mask);
            for (int mode : new int[]{0666, 0777, 0640}) {
                assertThat(created(directory.resolve(Integer.toOctalString(mode)), mode, process))
                        .isEqualTo(FileMode.of(mode & ~mask.bits()));
            }
        }
    }

    @Test
    void omitted_umask_step_keeps_the_umask(@TempDir Path directory) {
        FileMode launchers = ProcessState.ofThisProcess().umask();
        try (var run = DaemonSteps.classic().without(StepName.UMASK).start()) {
            StepReport report = run.runRemaining().stream().filter(each -> each.step().equals(StepName.UMASK))
                    .findFirst().orElseThrow();
            assertThat(report.outcome()).isEqualTo(new StepOutcome.Skipped("left out"));
            assertThat(report.calls()).isEmpty();
            assertThat(ProcessState.of(run.process().pid()).umask()).isEqualTo(launchers);
            assertThat(created(directory.resolve("file"), 0777, run.process()))
                    .isEqualTo(FileMode.of(0777 & ~launchers.bits()));
        }
    }

    @Test
    void umask_of_the_launcher_stays() {
        FileMode launchers = ProcessState.ofThisProcess().umask();
        try (var process = ForkedProcess.fork()) {
            FileMode other = FileMode.of(launchers.bits() ^ 0777);
            assertThat(new SetUmask(other).run(process).outcome())
                    .isEqualTo(new StepOutcome.Done("umask " + other + ", was " + launchers));
            assertThat(new SetUmask(other).run(process).outcome())
                    .isEqualTo(new StepOutcome.Done("umask " + other + ", as before"));
            assertThat(ProcessState.ofThisProcess().umask()).isEqualTo(launchers);
        }
    }

    @Test
    void mask_with_more_than_permission_bits_is_refused() {
        assertThatThrownBy(() -> new SetUmask(FileMode.of(01000)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static FileMode created(Path file, int mode, ForkedProcess process) {
        process.close(process.open(CString.of(file.toString()), CREATE, FileMode.of(mode)));
        return NativePosix.get().stat(file.toString()).permissions();
    }
}
