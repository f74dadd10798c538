package io.github.daemonsteps.steps.extra;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.process.UserIdentity;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import io.github.daemonsteps.steps.StepReport;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The order of the calls that drop root, and the results of lies, without root. */
class DropPrivilegesTest {

    private static final UserIdentity ORDINARY =
            new UserIdentity(CString.of("ada"), 1000, 100, List.of(100L, 4L), CString.of("/"),
                    CString.of("/bin/sh"));

    private final ScriptedCredentials script = new ScriptedCredentials();

    private StepReport run(UserIdentity user) {
        StepReport report = new DropPrivileges(user).run(script.context());
        assertThat(report.step()).isEqualTo(StepName.USER);
        return report;
    }

    @Test
    void user_step_drops_groups_before_the_user_and_tries_to_regain_root() {
        assertThat(run(ORDINARY).outcome()).isInstanceOf(StepOutcome.Done.class);
        assertThat(script.calls).containsExactly("joinNewSessionKeyring[]", "setgroups[[100, 4]]",
                "setresgid[Ids[real=100, effective=100, saved=100]]",
                "setresuid[Ids[real=1000, effective=1000, saved=1000]]", "dropCapabilities[]", "getgroups[]",
                "getresgid[]", "getresuid[]", "setuid[0]", "setgid[0]", "setgroups[[0]]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"setgroups", "setresgid", "setresuid"})
    void rights_that_are_not_dropped_fail_the_step(String call) {
        script.idle.add(call);
        assertThat(run(ORDINARY).outcome()).isInstanceOfSatisfying(StepOutcome.Failed.class,
                failed -> assertThat(failed.errno()).isNull());
    }

    @ParameterizedTest
    @ValueSource(strings = {"setuid", "setgid", "setgroups"})
    void regained_root_fails_the_step(String call) {
        script.regaining.add(call);
        assertThat(run(ORDINARY).message()).contains(call + "(",
                "succeeded: the process can regain the rights of root");
    }

    @Test
    void kept_capabilities_fail_the_step() {
        script.capabilities = 1 << 21;
        assertThat(run(ORDINARY).message()).contains("keeps capabilities: 0x200000");
    }

    @Test
    void user_root_does_not_try_to_regain_root() {
        var root = new UserIdentity(CString.of("root"), 0, 0, List.of(0L), CString.of("/root"),
                CString.of("/bin/sh"));
        assertThat(run(root).outcome()).isInstanceOf(StepOutcome.Done.class);
        assertThat(script.calls).noneMatch(call -> call.startsWith("setuid"));
    }
}
