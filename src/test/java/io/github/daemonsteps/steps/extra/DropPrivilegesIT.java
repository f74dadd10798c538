package io.github.daemonsteps.steps.extra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Credentials;
import io.github.daemonsteps.posix.Credentials.Ids;
import io.github.daemonsteps.posix.Credentials.Resource;
import io.github.daemonsteps.posix.Credentials.ResourceLimit;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.UserIdentity;
import io.github.daemonsteps.steps.StepOutcome;
import io.github.daemonsteps.steps.StepReport;
import io.github.daemonsteps.testing.Command;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.Faults;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dropping root, on real processes. */
class DropPrivilegesIT {

    private static final UserIdentity ORDINARY = new UserIdentity(CString.of("ada"), 61_234, 61_235,
            List.of(61_235L, 61_236L, 61_237L), CString.of("/"), CString.of("/bin/sh"));

    private static void assumeRoot() {
        Assumptions.assumeTrue(DropPrivileges.isPermitted(), "only root can change users");
    }

    private static List<String> status(int pid, String field) throws Exception {
        return Files.readAllLines(Path.of("/proc", Integer.toString(pid), "status")).stream()
                .filter(line -> line.startsWith(field + ":"))
                .flatMap(line -> List.of(line.substring(field.length() + 1).trim().split("\\s+")).stream())
                .toList();
    }

    @Test
    void process_has_the_ids_of_the_user_alone() throws Exception {
        assumeRoot();
        try (var process = ForkedProcess.fork()) {
            StepReport report = new DropPrivileges(ORDINARY).run(process);
            assertThat(report.message())
                    .isEqualTo("USER: Done[note=user ada (61234), group 61235, groups [61235, 61236, 61237]; "
                            + "root cannot be regained]");
            assertThat(report.calls()).extracting(PosixCall::function).startsWith("keyctl", "setgroups",
                    "setresgid", "setresuid");
            assertThat(report.after().uid()).isEqualTo(61_234);
            assertThat(report.after().gid()).isEqualTo(61_235);
            assertThat(report.after().groups()).containsExactly(61_235L, 61_236L, 61_237L);
            int pid = process.pid();
            assertThat(status(pid, "Uid")).as("real, effective, saved, of the file system")
                    .containsExactly("61234", "61234", "61234", "61234");
            assertThat(status(pid, "Gid")).containsExactly("61235", "61235", "61235", "61235");
            for (String set : List.of("CapPrm", "CapEff", "CapAmb")) {
                assertThat(status(pid, set)).containsExactly("0000000000000000");
            }
            assertThat(NativePosix.get().getresuid()).as("the launcher stays root").isEqualTo(Ids.all(0));
        }
    }

    @Test
    void user_cannot_inspect_the_process_before_exec() throws Exception {
        assumeRoot();
        Assumptions.assumeTrue(!Files.readString(Path.of("/proc/sys/fs/suid_dumpable")).startsWith("1"),
                "the kernel lets users trace processes that have changed users");
        try (var process = ForkedProcess.fork()) {
            new DropPrivileges(ORDINARY).run(process);
            String files = "/proc/" + process.pid() + "/";
            for (String file : List.of("environ", "maps")) {
                assertThat(Command.run("cat", files + file).status()).as("root can").isZero();
                assertThat(Command
                        .run(Tool.need("setpriv"), "--reuid=61234", "--regid=61235", "--clear-groups", "cat",
                                files + file)
                        .output()).matches("cat: " + files + file
                                + ": (Permission denied|No such file or directory)\n");
            }
        }
    }

    @Test
    void wrong_order_of_calls_lacks_permission() {
        assumeRoot();
        try (var process = ForkedProcess.fork()) {
            process.setresuid(Ids.all(61_234));
            for (Runnable late : List.<Runnable>of(() -> process.setgroups(List.of(61_235L)),
                    () -> process.setresgid(Ids.all(61_235)))) {
                assertThatExceptionOfType(PosixException.class).isThrownBy(late::run)
                        .satisfies(failed -> assertThat(failed.errno()).isEqualTo(Errno.EPERM));
            }
        }
    }

    @Test
    void user_that_can_regain_root_fails_the_step() {
        assumeRoot();
        try (var process = ForkedProcess.fork()) {
            process.setresuid(new Ids(61_234, 61_234, 0)); // the mistake of a careless daemon: the saved user id stays that of root
            process.setuid(0);
            assertThat(process.getresuid().effective()).isZero();
        }
    }

    @Test
    void ordinary_user_cannot_change_and_the_call_is_named() {
        assumeRoot();
        try (var process = ForkedProcess.fork()) {
            assertThat(new DropPrivileges(ORDINARY).run(process).outcome())
                    .isInstanceOf(StepOutcome.Done.class);
            assertThat(new DropPrivileges(ORDINARY).run(process).outcome()).isEqualTo(new StepOutcome.Failed(
                    "setgroups(3, [61235, 61236, 61237])", Errno.EPERM, "Operation not permitted"));
        }
    }

    @Test
    void root_can_be_the_user() {
        assumeRoot();
        try (var process = ForkedProcess.fork()) {
            StepReport report = new DropPrivileges(UserIdentity.of("root")).run(process);
            assertThat(report.outcome()).isInstanceOf(StepOutcome.Done.class);
            assertThat(report.calls()).extracting(PosixCall::function).doesNotContain("setuid");
        }
    }

    @Test
    void fault_of_a_call_fails_the_step_unless_it_does_no_harm() {
        assumeRoot();
        var step = new DropPrivileges(ORDINARY);
        List<String> harmless = Faults.ofEachCall(step).filter(faults -> !faults.take(step).failed())
                .map(Faults::toString).toList();
        assertThat(harmless).containsExactlyInAnyOrder(
                // A container may deny the call, and then denies the search for keys too.
                "call 1 of keyctl in the CHILD: fails with ENOSYS",
                "call 1 of keyctl in the CHILD: fails with EPERM",
                "call 1 of keyctl in the CHILD: does nothing and returns 0",
                // The kernel has done the same when the user was changed.
                "call 1 of prctl in the CHILD: does nothing and returns 0",
                "call 1 of capset in the CHILD: does nothing and returns 0",
                // The attempt to regain root must fail so.
                "call 2 of setgroups in the CHILD: fails with EPERM");
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 0xffff_ffffL, 1L << 40})
    void invalid_id_is_refused_before_the_call(long id) {
        try (var process = ForkedProcess.fork()) {
            for (Runnable call : List.<Runnable>of(() -> process.setuid(id), () -> process.setgid(id),
                    () -> process.setresuid(Ids.all(id)), () -> process.setresgid(Ids.all(id)),
                    () -> process.setgroups(List.of(id)))) {
                assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(call::run)
                        .withMessageContaining("not " + id);
            }
            assertThat(process.getresuid()).isEqualTo(NativePosix.get().getresuid());
        }
    }

    @Test
    void no_new_privs_is_permanent_and_inherited() throws Exception {
        try (var process = ForkedProcess.fork()) {
            assertThat(process.hasNoNewPrivs()).isFalse();
            assertThat(new NoNewPrivileges().run(process).outcome()).isInstanceOf(StepOutcome.Done.class);
            process.forkExitingParent();
            assertThat(status(process.pid(), "NoNewPrivs")).containsExactly("1");
            assertThat(NativePosix.get().hasNoNewPrivs()).isFalse();
        }
    }

    @Test
    void core_dump_is_prevented_and_the_launcher_keeps_its_limit() {
        Credentials launcher = NativePosix.get();
        ResourceLimit before = launcher.getrlimit(Resource.RLIMIT_CORE);
        try (var process = ForkedProcess.fork()) {
            assertThat(new NoCoreDumps().run(process).outcome()).isInstanceOf(StepOutcome.Done.class);
            assertThat(process.getrlimit(Resource.RLIMIT_CORE)).isEqualTo(new ResourceLimit(0, 0));
        }
        assertThat(launcher.getrlimit(Resource.RLIMIT_CORE)).isEqualTo(before);
    }
}
