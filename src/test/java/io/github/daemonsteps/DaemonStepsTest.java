package io.github.daemonsteps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.CallInterceptor.Effect;
import io.github.daemonsteps.posix.CallInterceptor.Place;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.Posix;
import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.posix.SignalDisposition;
import io.github.daemonsteps.process.Capabilities;
import io.github.daemonsteps.process.ProcessInspector;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.steps.CloseDescriptors;
import io.github.daemonsteps.steps.ReopenStandardDescriptors;
import io.github.daemonsteps.steps.SetUmask;
import io.github.daemonsteps.steps.StartSession;
import io.github.daemonsteps.steps.StepFailedException;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import io.github.daemonsteps.steps.StepReport;
import io.github.daemonsteps.steps.StreamTarget;
import io.github.daemonsteps.steps.extra.NoCoreDumps;
import io.github.daemonsteps.steps.extra.NoNewPrivileges;
import io.github.daemonsteps.testkit.Faults;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The order of the steps and their calls, and the results of failures and lies, on forks of this JVM. */
class DaemonStepsTest {

    private final NativePosix posix = NativePosix.get();
    private final Faults none = Faults.none();

    private List<StepReport> run(DaemonSteps steps) {
        return run(steps, none);
    }

    private static List<StepReport> run(DaemonSteps steps, Faults faults) {
        try (DaemonRun run = steps.interceptCalls(faults).start()) {
            return run.runRemaining();
        } finally {
            assertThat(faults.forked()).allMatch(ProcessState::hasEnded);
            assertThat(faults.violations()).isEmpty();
        }
    }

    private static List<String> calls(StepReport... reports) {
        return Stream.of(reports).flatMap(report -> report.calls().stream()).map(PosixCall::text).toList();
    }

    private static List<String> calls(List<StepReport> reports) {
        return calls(reports.toArray(StepReport[]::new));
    }

    /** Returns the functions that the process has called. */
    private static List<String> functions(Faults faults) {
        return faults.calls().stream().filter(call -> call.place() == Place.CHILD).map(Faults.Call::function)
                .toList();
    }

    /** Returns the calls that close all other descriptors. */
    private static List<String> closing(Collection<Integer> kept) {
        List<String> calls = new ArrayList<>();
        int from = 0;
        for (int fd : new TreeSet<>(kept)) {
            if (fd > from) {
                calls.add("close_range(" + from + ", " + (fd - 1) + ", 0)");
            }
            from = fd + 1;
        }
        calls.add("close_range(" + from + ", " + 0xffff_ffffL + ", 0)");
        return calls;
    }

    /** Returns the descriptor that every process of the run has open. */
    private static int control(List<StepReport> reports) {
        return reports.get(5).after().fds().lastKey();
    }

    @Test
    void seven_steps_have_the_order_and_calls_of_the_faq() {
        List<StepReport> reports = run(DaemonSteps.classic());
        assertThat(reports).extracting(StepReport::step)
                .containsExactly(StepName.FORK, StepName.SETSID, StepName.FORK_AGAIN, StepName.CHDIR,
                        StepName.UMASK, StepName.CLOSE,
                        StepName.REOPEN);
        assertThat(calls(reports.subList(0, 5))).containsExactly("fork()", "getpid()", "setsid()", "fork()",
                "getpid()", "chdir(\"/\")", "umask(0000)");
        assertThat(reports.get(5).after().fds()).hasSize(1);
        assertThat(calls(reports.get(5))).isEqualTo(closing(List.of(control(reports))));
        assertThat(calls(reports.get(6))).hasSize(3).endsWith("dup2(0, 1)", "dup2(0, 2)").first().asString()
                .startsWith("open(\"/dev/null\", ");
        assertThat(none.forked()).hasSize(2).allMatch(ProcessState::hasEnded);
    }

    @Test
    void step_reports_the_state_before_and_after() {
        List<StepReport> reports = run(DaemonSteps.classic());
        assertThat(reports)
                .allSatisfy(report -> assertThat(report.outcome()).isInstanceOf(StepOutcome.Done.class));
        assertThat(reports.getFirst().before().pid()).isEqualTo(posix.getpid());
        for (int i = 1; i < reports.size(); i++) {
            assertThat(reports.get(i).before()).isEqualTo(reports.get(i - 1).after());
        }
    }

    @Test
    void step_is_taken_on_request_only() {
        try (DaemonRun run = DaemonSteps.classic().interceptCalls(none).start()) {
            assertThat(none.calls()).isEmpty();
            assertThatIllegalStateException().isThrownBy(run::process);
            var steps = run.iterator();
            assertThat(steps.next().step()).isEqualTo(StepName.FORK);
            assertThat(functions(none)).containsExactly("getpid");
            assertThat(steps.next().step()).isEqualTo(StepName.SETSID);
            assertThat(functions(none)).containsExactly("getpid", "setsid");
            assertThat(run.iterator().next().step()).isEqualTo(StepName.FORK_AGAIN);
        }
        assertThat(none.forked()).hasSize(2).allMatch(ProcessState::hasEnded);
    }

    @ParameterizedTest
    @CsvSource({"LAUNCHER, fork, FORK, 1", "CHILD, setsid, SETSID, 2", "CHILD, fork, FORK_AGAIN, 3",
        "CHILD, chdir, CHDIR, 4", "CHILD, umask, UMASK, 5", "CHILD, open, REOPEN, 7",
        "CHILD, dup2, REOPEN, 7"})
    void first_failure_is_the_last_report_and_names_the_call(Place place, String call, StepName step,
            int reports) {
        Faults faults = Faults.failing(call, Errno.ENOMEM).always(place);
        List<StepReport> all = run(DaemonSteps.classic(), faults);
        assertThat(all).hasSize(reports);
        assertThat(all.getLast().step()).isEqualTo(step);
        assertThat(all.getLast().outcome()).isInstanceOfSatisfying(StepOutcome.Failed.class, failed -> {
            assertThat(failed.errno()).isEqualTo(Errno.ENOMEM);
            assertThat(failed.call()).startsWith(call + "(");
            assertThat(failed.toString()).endsWith("): Cannot allocate memory (ENOMEM, 12)");
        });
        assertThat(faults.forked().isEmpty()).isEqualTo(step.equals(StepName.FORK));
    }

    @ParameterizedTest
    @CsvSource({"setsid, SETSID, 0,", "fork, FORK_AGAIN, 2147483647,", "chdir, CHDIR, 0,", "umask, UMASK, 0,",
        "close_range, CLOSE, 0,", "open, REOPEN, 0, EBADF", "dup2, REOPEN, 1, EBADF"})
    void call_without_its_effect_fails_the_step(String function, StepName step, long result,
            @Nullable String errno) {
        var lies = new Faults(new Faults.Script() {
            @Override
            public Effect effect(Faults.Call call) {
                return call.place() == Place.CHILD && call.function().equals(function)
                        ? new Effect.Returns(result)
                        : new Effect.Executed();
            }
        });
        StepReport last = run(DaemonSteps.classic(), lies).getLast();
        assertThat(last.outcome()).isInstanceOfSatisfying(StepOutcome.Failed.class,
                failed -> assertThat(failed.errno())
                        .isEqualTo(errno == null ? null : Errno.named(errno).orElseThrow()));
        assertThat(last.step()).isEqualTo(step);
    }

    private static final DaemonSteps SECURED = DaemonSteps.of(new NoNewPrivileges(), new NoCoreDumps());

    @Test
    void rights_are_dropped_and_read_back() {
        List<StepReport> reports = run(SECURED);
        assertThat(reports).allSatisfy(
                report -> assertThat(report.outcome()).isInstanceOf(StepOutcome.Done.class));
        assertThat(calls(reports.subList(1, 3))).containsExactly("prctl(PR_SET_NO_NEW_PRIVS, 1)",
                "prctl(PR_GET_NO_NEW_PRIVS)", "prlimit64(0, RLIMIT_CORE, {0, 0}, NULL)",
                "prlimit64(0, RLIMIT_CORE, NULL, ...)");
    }

    @ParameterizedTest
    @CsvSource({"prctl, NO_NEW_PRIVS", "prlimit64, NO_CORE"})
    void rights_that_are_not_dropped_fail_the_step(String call, StepName step) {
        StepReport last = run(SECURED, Faults.lying(call).onCall(1)).getLast();
        assertThat(last.outcome()).isInstanceOfSatisfying(StepOutcome.Failed.class,
                failed -> assertThat(failed.errno()).isNull());
        assertThat(last.step()).isEqualTo(step);
    }

    /** A kernel that hides the forked processes. */
    private record Hidden(ProcessInspector kernel) implements ProcessInspector {

        @Override
        public ProcessState state(int pid) {
            return kernel.state(pid == ProcessHandle.current().pid() ? pid : Integer.MAX_VALUE);
        }

        @Override
        public Optional<FileStatus> file(CString path) {
            return Optional.empty();
        }

        @Override
        public Capabilities capabilities(int pid) {
            return kernel.capabilities(Integer.MAX_VALUE);
        }

        @Override
        public boolean isCloseOnExec(int pid, int fd) {
            return false;
        }

        @Override
        public long openMax() {
            return kernel.openMax();
        }
    }

    @Test
    void hidden_process_is_checked_by_its_own_answers() {
        ProcessInspector kernel = new Hidden(ProcessInspector.ofThisSystem());
        try (DaemonRun run = DaemonSteps.classic().start(ForkedProcess::fork, kernel)) {
            assertThat(run.runRemaining()).hasSize(7)
                    .allSatisfy(report -> assertThat(report.outcome()).isInstanceOf(StepOutcome.Done.class));
            assertThat(calls(run.reports())).contains("getsid(0)", "getpgid(0)", "getppid()",
                    "stat(\".\", ...)",
                    "fstat(0, ...)");
            assertThat(ProcessState.of(run.process().pid()).umask()).isEqualTo(FileMode.of(0));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ENOSYS", "EPERM"})
    void missing_close_range_closes_descriptors_one_by_one(String errno) {
        Faults faults = Faults.failing("close_range", Errno.named(errno).orElseThrow()).always();
        List<StepReport> reports = run(DaemonSteps.classic(), faults);
        assertThat(reports.getLast().step()).isEqualTo(StepName.REOPEN);
        StepReport close = reports.get(5);
        List<String> closed = close.before().fds().keySet().stream()
                .filter(fd -> !close.after().fds().containsKey(fd)).map(fd -> "close(" + fd + ")").toList();
        assertThat(calls(close)).containsAll(closed);
        assertThat(close.after().fds()).hasSize(1);
    }

    @Test
    void kept_descriptors_are_closed_around_and_survive_the_program() {
        Posix.Pipe pipe = posix.pipe2(Set.of(OpenFlag.O_CLOEXEC));
        Posix.Pipe other = posix.pipe2(Set.of(OpenFlag.O_CLOEXEC));
        try {
            List<Integer> kept = List.of(other.writeEnd(), pipe.readEnd(), pipe.writeEnd());
            var descending = new TreeSet<Integer>(Comparator.reverseOrder());
            descending.addAll(kept);
            for (DaemonSteps steps : List.of(
                    DaemonSteps.classic().keepOpen(kept.get(0), kept.get(1), kept.get(2)),
                    DaemonSteps.classic().with(new CloseDescriptors(descending)))) {
                List<StepReport> reports = run(steps);
                assertThat(reports).hasSize(7);
                SortedMap<Integer, String> open = new TreeMap<>(reports.get(5).after().fds());
                assertThat(open).hasSize(4).containsKeys(kept.toArray(Integer[]::new));
                assertThat(calls(reports.get(5))).containsAll(closing(open.keySet()))
                        .containsAll(kept.stream().map(fd -> "fcntl(" + fd + ", F_SETFD, 0)").toList());
                assertThat(reports.get(6).after().fds()).containsAllEntriesOf(open);
            }
        } finally {
            for (Posix.Pipe each : List.of(pipe, other)) {
                posix.close(each.readEnd());
                posix.close(each.writeEnd());
            }
        }
    }

    @Test
    void kept_descriptor_with_close_on_exec_fails_the_step() {
        Posix.Pipe pipe = posix.pipe2(Set.of(OpenFlag.O_CLOEXEC));
        try {
            int fd = pipe.readEnd();
            assertThat(run(DaemonSteps.classic().keepOpen(fd), Faults.lying("fcntl").always()).getLast()
                    .message()).isEqualTo("CLOSE: fcntl(" + fd + ", F_SETFD, 0): descriptor " + fd
                            + " is close-on-exec: the program would not inherit the descriptor");
        } finally {
            posix.close(pipe.readEnd());
            posix.close(pipe.writeEnd());
        }
    }

    @Test
    void targets_are_opened_once_each(@TempDir Path directory) {
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        List<StepReport> reports = run(DaemonSteps.classic().with(new ReopenStandardDescriptors(
                StreamTarget.devNull(), StreamTarget.log(out), StreamTarget.log(err))));
        assertThat(reports).hasSize(7);
        StepReport reopen = reports.getLast();
        assertThat(reopen.after().fds()).containsEntry(0, "/dev/null").containsEntry(1, out.toString())
                .containsEntry(2, err.toString());
        assertThat(reopen.calls()).extracting(PosixCall::function).filteredOn("open"::equals).hasSize(3);
        assertThat(reopen.calls()).extracting(PosixCall::function).doesNotContain("dup2");
    }

    @Test
    void reopening_replaces_open_descriptors_and_leaves_no_other() {
        List<StepReport> reports = run(DaemonSteps.of(new ReopenStandardDescriptors()));
        assertThat(reports).hasSize(2);
        StepReport reopen = reports.getLast();
        String opened = reopen.calls().getFirst().result();
        assertThat(calls(reopen)).containsSubsequence("dup2(" + opened + ", 0)", "close(" + opened + ")",
                "dup2(0, 1)", "dup2(0, 2)");
        assertThat(reopen.after().fds()).containsOnlyKeys(reopen.before().fds().keySet());
    }

    @Test
    void omitted_step_is_reported_as_skipped() {
        List<StepReport> reports = run(DaemonSteps.classic().without(StepName.UMASK));
        StepReport umask = reports.get(4);
        assertThat(umask.outcome()).isEqualTo(new StepOutcome.Skipped("left out"));
        assertThat(umask.calls()).isEmpty();
        assertThat(functions(none)).doesNotContain("umask");
    }

    @Test
    void own_steps_keep_their_order() {
        var steps = DaemonSteps.of(new SetUmask(FileMode.of(077)), new StartSession());
        List<StepReport> reports = run(steps);
        assertThat(reports).extracting(StepReport::step).containsExactly(StepName.FORK, StepName.UMASK,
                StepName.SETSID);
        assertThat(calls(reports)).containsExactly("fork()", "getpid()", "umask(0077)", "setsid()");
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
        try (DaemonRun run = DaemonSteps.classic().start()) {
            run.iterator().next();
            assertThatIllegalStateException().isThrownBy(() -> run.execve(Program.of("/bin/true")));
            run.runRemaining();
            assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(() -> run.iterator().next());
            StepReport exec = run.execve(Program.of("/bin/true", "x"));
            assertThat(exec.outcome()).isInstanceOf(StepOutcome.Done.class);
            assertThat(exec.calls()).extracting(PosixCall::function)
                    .endsWith("signal", "sigprocmask", "getpid", "execve");
            assertThat(exec.calls().stream().map(PosixCall::function).distinct())
                    .containsExactly("signal", "rt_sigaction", "sigprocmask", "getpid", "execve");
            assertThat(run.reports()).hasSize(8);
        }
    }

    @Test
    void program_starts_with_no_signal_blocked() {
        try (DaemonRun run = DaemonSteps.classic().interceptCalls(Faults.lying("sigprocmask").always())
                .start()) {
            run.runRemaining();
            assertThat(run.execve(Program.of("/bin/true")).message())
                    .startsWith("EXEC: sigprocmask(SIG_SETMASK, {}): signals are still blocked: ");
        }
    }

    @Test
    void program_starts_with_no_signal_ignored() {
        var lies = new Faults(new Faults.Script() {
            @Override
            public Effect effect(Faults.Call call) {
                return call.text().equals("signal(SIGHUP, SIG_DFL)")
                        ? new Effect.Returns(0)
                        : new Effect.Executed();
            }
        });
        try (DaemonRun run = DaemonSteps.classic().interceptCalls(lies).start()) {
            run.runRemaining();
            run.process().signal(Signal.SIGHUP, SignalDisposition.SIG_IGN);
            assertThat(run.execve(Program.of("/bin/true")).message())
                    .isEqualTo("EXEC: signal(..., SIG_DFL): signals are still ignored: {SIGHUP}");
        }
    }

    @Test
    void failed_run_executes_no_program() {
        try (DaemonRun run = DaemonSteps.classic()
                .interceptCalls(Faults.failing("chdir", Errno.ENOENT).always()).start()) {
            run.runRemaining();
            assertThatIllegalStateException().isThrownBy(() -> run.execve(Program.of("/bin/true")));
        }
    }

    @Test
    void nohup_ignores_hangups_in_the_program() {
        try (DaemonRun run = DaemonSteps.nohup().start()) {
            assertThat(run.runRemaining()).extracting(StepReport::step).containsExactly(StepName.FORK,
                    StepName.IGNORE_HANGUP);
            StepReport exec = run.execve(Program.of("/bin/true"));
            assertThat(calls(run.reports().get(1))).contains("signal(SIGHUP, SIG_IGN)");
            assertThat(calls(exec)).contains("signal(SIGHUP, SIG_IGN)");
        }
    }

    @Test
    void kept_descriptors_of_several_calls_add_up() {
        assertThat(DaemonSteps.classic().keepOpen(5).keepOpen(7, 5).plan().get(5).calls())
                .startsWith("fcntl(5, F_SETFD, 0)", "fcntl(7, F_SETFD, 0)").hasSize(4);
    }

    @Test
    void run_until_takes_the_steps_up_to_the_named_one() {
        try (DaemonRun run = DaemonSteps.classic().start()) {
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
        try (DaemonRun run = DaemonSteps.classic()
                .interceptCalls(Faults.failing("setsid", Errno.EPERM).always()).start()) {
            StepReport report = run.runUntil(StepName.CHDIR);
            assertThat(report.step()).isEqualTo(StepName.SETSID);
            assertThatExceptionOfType(StepFailedException.class).isThrownBy(report::orThrow)
                    .withMessage(report.message()).satisfies(e -> assertThat(e.report()).isSameAs(report));
        }
    }

    @Test
    void run_that_is_closed_takes_no_more_steps() {
        DaemonRun run = DaemonSteps.classic().interceptCalls(none).start();
        run.close();
        assertThat(run.runRemaining()).isEmpty();
        assertThat(none.calls()).isEmpty();
    }
}
