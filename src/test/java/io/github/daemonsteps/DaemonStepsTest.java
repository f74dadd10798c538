package io.github.daemonsteps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.process.UserIdentity;
import io.github.daemonsteps.steps.CloseDescriptors;
import io.github.daemonsteps.steps.ReopenStandardDescriptors;
import io.github.daemonsteps.steps.SetUmask;
import io.github.daemonsteps.steps.StartSession;
import io.github.daemonsteps.steps.StepFailedException;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import io.github.daemonsteps.steps.StepReport;
import io.github.daemonsteps.steps.StreamTarget;
import io.github.daemonsteps.steps.extra.DropPrivileges;
import io.github.daemonsteps.steps.extra.NoCoreDumps;
import io.github.daemonsteps.steps.extra.NoNewPrivileges;
import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The order of the steps and their calls, and the results of failures and lies, on a scripted process. */
class DaemonStepsTest {

    private final ScriptedProcess script = new ScriptedProcess();

    private List<StepReport> run(DaemonSteps steps) {
        try (DaemonRun run = steps.start(script::fork, script)) {
            return run.runRemaining();
        }
    }

    @Test
    void seven_steps_have_the_order_and_calls_of_the_faq() {
        assertThat(run(DaemonSteps.classic())).extracting(StepReport::step)
                .containsExactly(StepName.FORK, StepName.SETSID, StepName.FORK_AGAIN, StepName.CHDIR,
                        StepName.UMASK, StepName.CLOSE,
                        StepName.REOPEN);
        assertThat(script.calls).containsExactly("getpid[]", "setsid[]", "fork[]", "getpid[]", "chdir[/]",
                "umask[0000]", "close_range[0, 8]",
                "close_range[10, -1]", script.calls.get(8), "dup2[0, 1]", "dup2[0, 2]");
        assertThat(script.calls.get(8)).startsWith("open[/dev/null, ");
        assertThat(script.closed).isTrue();
    }

    @Test
    void step_reports_the_state_before_and_after() {
        List<StepReport> reports = run(DaemonSteps.classic());
        assertThat(reports)
                .allSatisfy(report -> assertThat(report.outcome()).isInstanceOf(StepOutcome.Done.class));
        assertThat(reports.getFirst().before().pid()).isEqualTo(ScriptedProcess.LAUNCHER);
        for (int i = 1; i < reports.size(); i++) {
            assertThat(reports.get(i).before()).isEqualTo(reports.get(i - 1).after());
        }
    }

    @Test
    void step_is_taken_on_request_only() {
        try (DaemonRun run = DaemonSteps.classic().start(script::fork, script)) {
            assertThat(script.calls).isEmpty();
            assertThatIllegalStateException().isThrownBy(run::process);
            var steps = run.iterator();
            assertThat(steps.next().step()).isEqualTo(StepName.FORK);
            assertThat(script.calls).containsExactly("getpid[]");
            assertThat(steps.next().step()).isEqualTo(StepName.SETSID);
            assertThat(script.calls).containsExactly("getpid[]", "setsid[]");
            assertThat(run.iterator().next().step()).isEqualTo(StepName.FORK_AGAIN);
        }
        assertThat(script.closed).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"FORK, FORK, 1", "setsid, SETSID, 2", "fork, FORK_AGAIN, 3", "chdir, CHDIR, 4",
        "umask, UMASK, 5", "open, REOPEN, 7",
        "dup2, REOPEN, 7"})
    void first_failure_is_the_last_report_and_names_the_call(String call, StepName step,
            int reports) {
        script.failing.put(call, Errno.ENOMEM);
        List<StepReport> all = run(DaemonSteps.classic());
        assertThat(all).hasSize(reports);
        assertThat(all.getLast().step()).isEqualTo(step);
        assertThat(all.getLast().outcome()).isInstanceOfSatisfying(StepOutcome.Failed.class, failed -> {
            assertThat(failed.errno()).isEqualTo(Errno.ENOMEM);
            assertThat(failed.call()).startsWith(call.toLowerCase(java.util.Locale.ROOT) + "(");
            assertThat(failed.toString()).endsWith("): Cannot allocate memory (ENOMEM, 12)");
        });
        assertThat(script.closed).isEqualTo(!step.equals(StepName.FORK));
    }

    @ParameterizedTest
    @CsvSource({"setsid, SETSID", "fork, FORK_AGAIN", "chdir, CHDIR", "umask, UMASK", "close_range, CLOSE",
        "open, REOPEN"})
    void call_without_its_effect_fails_the_step(String call, StepName step) {
        script.idle.add(call);
        StepReport last = run(DaemonSteps.classic()).getLast();
        assertThat(last.outcome()).isInstanceOfSatisfying(StepOutcome.Failed.class,
                failed -> assertThat(failed.errno()).isNull());
        assertThat(last.step()).isEqualTo(step);
    }

    private static final UserIdentity ORDINARY =
            new UserIdentity(CString.of("ada"), 1000, 100, List.of(100L, 4L), CString.of("/"),
                    CString.of("/bin/sh"));

    private static final DaemonSteps SECURED =
            DaemonSteps.of(new DropPrivileges(ORDINARY), new NoNewPrivileges(), new NoCoreDumps());

    @Test
    void user_step_is_the_last_and_tries_to_regain_root() {
        assertThat(run(SECURED)).allSatisfy(
                report -> assertThat(report.outcome()).isInstanceOf(StepOutcome.Done.class));
        assertThat(script.calls).containsExactly("getpid[]", "joinNewSessionKeyring[]", "setgroups[[100, 4]]",
                "setresgid[Ids[real=100, effective=100, saved=100]]",
                "setresuid[Ids[real=1000, effective=1000, saved=1000]]", "dropCapabilities[]", "getgroups[]",
                "getresgid[]",
                "getresuid[]", "setuid[0]", "setgid[0]", "setgroups[[0]]", "setNoNewPrivs[]",
                "hasNoNewPrivs[]", "setrlimit[RLIMIT_CORE, ResourceLimit[soft=0, hard=0]]",
                "getrlimit[RLIMIT_CORE]");
    }

    @ParameterizedTest
    @CsvSource({"setgroups, USER", "setresgid, USER", "setresuid, USER", "setNoNewPrivs, NO_NEW_PRIVS",
        "setrlimit, NO_CORE"})
    void rights_that_are_not_dropped_fail_the_step(String call, StepName step) {
        script.idle.add(call);
        StepReport last = run(SECURED).getLast();
        assertThat(last.outcome()).isInstanceOfSatisfying(StepOutcome.Failed.class,
                failed -> assertThat(failed.errno()).isNull());
        assertThat(last.step()).isEqualTo(step);
    }

    @ParameterizedTest
    @ValueSource(strings = {"setuid", "setgid", "setgroups"})
    void regained_root_fails_the_step(String call) {
        script.regaining.add(call);
        StepReport last = run(SECURED).getLast();
        assertThat(last.step()).isEqualTo(StepName.USER);
        assertThat(last.message()).contains(call + "(",
                "succeeded: the process can regain the rights of root");
    }

    @Test
    void kept_capabilities_fail_the_step() {
        script.capabilities = 1 << 21;
        assertThat(run(SECURED).getLast().message()).contains("keeps capabilities: 0x200000");
    }

    @Test
    void user_root_does_not_try_to_regain_root() {
        var root = new UserIdentity(CString.of("root"), 0, 0, List.of(0L), CString.of("/root"),
                CString.of("/bin/sh"));
        assertThat(run(DaemonSteps.of(new DropPrivileges(root))).getLast().outcome())
                .isInstanceOf(StepOutcome.Done.class);
        assertThat(script.calls).noneMatch(call -> call.startsWith("setuid"));
    }

    @Test
    void hidden_process_is_checked_by_its_own_answers() {
        script.hidden = true;
        assertThat(run(DaemonSteps.classic())).hasSize(7)
                .allSatisfy(report -> assertThat(report.outcome()).isInstanceOf(StepOutcome.Done.class));
        assertThat(script.calls).contains("getsid[0]", "getpgid[0]", "getppid[]", "stat[.]", "fstat[0]");
        assertThat(script.umask).isEqualTo(FileMode.of(0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ENOSYS", "EPERM"})
    void missing_close_range_closes_descriptors_one_by_one(String errno) {
        script.failing.put("close_range", Errno.named(errno).orElseThrow());
        assertThat(run(DaemonSteps.classic()).getLast().step()).isEqualTo(StepName.REOPEN);
        assertThat(script.calls).contains("close[[0, 1, 2, 5]]");
    }

    @Test
    void kept_descriptors_are_closed_around_and_survive_the_program() {
        assertThat(run(DaemonSteps.classic().keepOpen(5, 4, 10))).hasSize(7);
        assertThat(script.calls).contains("setCloseOnExec[4, false]", "setCloseOnExec[5, false]",
                "setCloseOnExec[10, false]", "close_range[0, 3]",
                "close_range[6, 8]", "close_range[11, -1]");
        assertThat(script.fds).containsKeys(5, ScriptedProcess.CONTROL);
    }

    @Test
    void kept_descriptor_with_close_on_exec_fails_the_step() {
        script.closeOnExec.add(5);
        assertThat(run(DaemonSteps.classic().keepOpen(5)).getLast().message()).isEqualTo(
                "CLOSE: fcntl(5, F_SETFD, 0): descriptor 5 is close-on-exec: the program would"
                        + " not inherit the descriptor");
    }

    @Test
    void control_descriptor_cannot_be_kept() {
        StepReport last = run(DaemonSteps.classic().keepOpen(ScriptedProcess.CONTROL)).getLast();
        assertThat(last.outcome())
                .isEqualTo(new StepOutcome.Failed("fcntl(9, F_SETFD, 0)", Errno.EBADF, Errno.EBADF.text()));
    }

    @Test
    void targets_are_opened_once_each() {
        var steps = DaemonSteps.classic()
                .with(new ReopenStandardDescriptors(StreamTarget.devNull(), StreamTarget.log(Path.of("/out")),
                        StreamTarget.log(Path.of("/err"))));
        assertThat(run(steps)).hasSize(7);
        assertThat(script.fds).containsEntry(0, "/dev/null").containsEntry(1, "/out").containsEntry(2,
                "/err");
        assertThat(script.calls).filteredOn(call -> call.startsWith("open")).hasSize(3);
        assertThat(script.calls).noneMatch(call -> call.startsWith("dup2"));
    }

    @Test
    void reopening_replaces_open_descriptors_and_leaves_no_other() {
        assertThat(run(DaemonSteps.of(new ReopenStandardDescriptors()))).hasSize(2);
        assertThat(script.calls).containsSubsequence("dup2[3, 0]", "close[3]", "dup2[0, 1]", "dup2[0, 2]");
        assertThat(script.fds).containsOnlyKeys(0, 1, 2, 5, ScriptedProcess.CONTROL);
    }

    @Test
    void omitted_step_is_reported_as_skipped() {
        StepReport umask = run(DaemonSteps.classic().without(StepName.UMASK)).get(4);
        assertThat(umask.outcome()).isEqualTo(new StepOutcome.Skipped("left out"));
        assertThat(umask.calls()).isEmpty();
        assertThat(script.calls).noneMatch(call -> call.startsWith("umask"));
    }

    @Test
    void own_steps_keep_their_order() {
        var steps = DaemonSteps.of(new SetUmask(FileMode.of(077)), new StartSession());
        assertThat(run(steps)).extracting(StepReport::step).containsExactly(StepName.FORK, StepName.UMASK,
                StepName.SETSID);
        assertThat(script.calls).containsExactly("getpid[]", "umask[0077]", "setsid[]");
    }

    @Test
    void plan_lists_the_calls_of_the_run() {
        assertThat(DaemonSteps.classic().plan()).extracting(DaemonSteps.PlannedStep::step)
                .isEqualTo(run(DaemonSteps.classic()).stream().map(StepReport::step).toList());
        assertThat(DaemonSteps.classic().workingDirectory(Path.of("/srv")).plan().get(3).calls())
                .containsExactly("chdir(\"/srv\")");
        assertThat(DaemonSteps.classic().without(StepName.UMASK).plan().get(4).leftOut()).isTrue();
    }

    @Test
    void changed_steps_are_new_and_leave_the_old() {
        DaemonSteps classic = DaemonSteps.classic();
        classic.umask(FileMode.of(027)).workingDirectory(Path.of("/srv")).keepOpen(7).without(StepName.CLOSE);
        assertThat(classic.plan()).isEqualTo(DaemonSteps.classic().plan());
    }

    @Test
    void contradictory_steps_are_refused_in_one_line() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DaemonSteps.classic().workingDirectory(Path.of("srv")))
                .withMessageContaining("\"srv\"");
        assertThatIllegalArgumentException().isThrownBy(() -> StreamTarget.log(Path.of("log")))
                .withMessageContaining("\"log\"");
        assertThatIllegalArgumentException().isThrownBy(() -> DaemonSteps.classic().keepOpen(2))
                .withMessageContaining("not 2");
        assertThatIllegalArgumentException().isThrownBy(() -> new SetUmask(FileMode.of(01000)))
                .withMessageContaining("1000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DaemonSteps.nohup().workingDirectory(Path.of("/")))
                .withMessageContaining("CHDIR");
        assertThatIllegalArgumentException().isThrownBy(() -> DaemonSteps.nohup().without(StepName.UMASK))
                .withMessageContaining("UMASK");
        assertThatIllegalArgumentException().isThrownBy(() -> Program.of("java"))
                .withMessageContaining("\"java\"");
    }

    @Test
    void program_is_executed_after_the_last_step_only() {
        try (DaemonRun run = DaemonSteps.classic().start(script::fork, script)) {
            run.iterator().next();
            assertThatIllegalStateException().isThrownBy(() -> run.execve(Program.of("/bin/true")));
            run.runRemaining();
            assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(() -> run.iterator().next());
            script.calls.clear();
            assertThat(run.execve(Program.of("/bin/true", "x")).outcome())
                    .isInstanceOf(StepOutcome.Done.class);
            assertThat(script.calls.stream().map(call -> call.substring(0, call.indexOf('['))))
                    .containsExactly("signal", "signal", "sigprocmask", "getpid", "execve");
            assertThat(run.reports()).hasSize(8);
        }
    }

    @Test
    void program_starts_with_no_signal_blocked() {
        script.idle.add("sigprocmask");
        try (DaemonRun run = DaemonSteps.classic().start(script::fork, script)) {
            run.runRemaining();
            assertThat(run.execve(Program.of("/bin/true")).message())
                    .startsWith("EXEC: sigprocmask(SIG_SETMASK, {}): signals are still blocked: ");
        }
    }

    @Test
    void failed_run_executes_no_program() {
        script.failing.put("chdir", Errno.ENOENT);
        try (DaemonRun run = DaemonSteps.classic().start(script::fork, script)) {
            run.runRemaining();
            assertThatIllegalStateException().isThrownBy(() -> run.execve(Program.of("/bin/true")));
        }
    }

    @Test
    void nohup_ignores_hangups_in_the_program() {
        try (DaemonRun run = DaemonSteps.nohup().start(script::fork, script)) {
            assertThat(run.runRemaining()).extracting(StepReport::step).containsExactly(StepName.FORK,
                    StepName.IGNORE_HANGUP);
            run.execve(Program.of("/bin/true"));
            assertThat(script.calls).contains("signal[SIGHUP, SIG_IGN]", "signal[{SIGHUP}, SIG_IGN]");
        }
    }

    @Test
    void order_of_kept_descriptors_does_not_matter() {
        var descending = new java.util.TreeSet<Integer>(java.util.Comparator.reverseOrder());
        descending.addAll(List.of(4, 5));
        assertThat(run(DaemonSteps.classic().with(new CloseDescriptors(descending)))).hasSize(7);
        assertThat(script.calls).contains("close_range[0, 3]", "close_range[6, 8]", "close_range[10, -1]");
    }

    @Test
    void kept_descriptors_of_several_calls_add_up() {
        assertThat(DaemonSteps.classic().keepOpen(5).keepOpen(7, 5).plan().get(5).calls())
                .startsWith("fcntl(5, F_SETFD, 0)", "fcntl(7, F_SETFD, 0)").hasSize(4);
    }

    @Test
    void run_until_takes_the_steps_up_to_the_named_one() {
        try (DaemonRun run = DaemonSteps.classic().start(script::fork, script)) {
            assertThat(run.next().map(StepReport::step)).contains(StepName.FORK);
            assertThat(run.runUntil(StepName.CHDIR).orThrow().step()).isEqualTo(StepName.CHDIR);
            assertThat(run.reports()).hasSize(4);
            assertThatIllegalArgumentException().isThrownBy(() -> run.runUntil(StepName.SETSID))
                    .withMessageContaining("[UMASK, CLOSE, REOPEN]");
            assertThat(run.reports()).hasSize(4);
            assertThat(run.runRemaining()).hasSize(7);
            assertThat(run.next()).isEmpty();
            assertThatIllegalArgumentException().isThrownBy(() -> run.runUntil(StepName.UMASK))
                    .withMessageContaining("the run has ended");
        }
    }

    @Test
    void run_until_stops_at_a_step_that_fails() {
        script.failing.put("setsid", Errno.EPERM);
        try (DaemonRun run = DaemonSteps.classic().start(script::fork, script)) {
            StepReport report = run.runUntil(StepName.CHDIR);
            assertThat(report.step()).isEqualTo(StepName.SETSID);
            assertThatExceptionOfType(StepFailedException.class).isThrownBy(report::orThrow)
                    .withMessage(report.message()).satisfies(e -> assertThat(e.report()).isSameAs(report));
        }
    }

    @Test
    void run_that_is_closed_takes_no_more_steps() {
        DaemonRun run = DaemonSteps.classic().start(script::fork, script);
        run.close();
        assertThat(run.runRemaining()).isEmpty();
        assertThat(script.calls).isEmpty();
    }
}
