package io.github.daemonsteps.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ProcessStatTest {

    private static final String REST = " S 17 42 43 34816 44 4194368 1 2 3 4 5 6 7 8 20 0 1 0 987654 0 0";

    @Test
    void command_name_may_look_like_the_rest_of_the_line() {
        ProcessStat stat = ProcessStat.parse("123 () Z 1 1 1 0 ()" + REST);
        assertThat(stat)
                .isEqualTo(new ProcessStat(123, ") Z 1 1 1 0 (", 'S', 17, 42, 43, 34816, 4194368, 1, 987654));
    }

    @Test
    void flag_of_a_forked_process_before_exec_is_known() {
        assertThat(ProcessStat.parse("1 (a)" + REST).hasExecuted()).isFalse();
        assertThat(ProcessStat.parse("1 (a)" + REST.replace("4194368", "4194304")).hasExecuted()).isTrue();
    }

    @Test
    void stat_of_this_process_is_parsed() {
        ProcessStat stat = ProcessStat.of((int) ProcessHandle.current().pid()).orElseThrow();
        assertThat(stat.ppid()).isEqualTo((int) ProcessHandle.current().parent().orElseThrow().pid());
        assertThat(stat.hasExecuted()).isTrue();
        assertThat(stat.hasEnded()).isFalse();
    }

    @Test
    void stat_of_a_missing_process_is_empty() {
        assertThat(ProcessStat.of(Integer.MAX_VALUE)).isEmpty();
        assertThat(ProcessStat.read(Path.of("/proc/self/nope"))).isEmpty();
    }
}
