package io.github.daemonsteps.testkit;

import static io.github.daemonsteps.testkit.DaemonAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.posix.SignalSet;
import io.github.daemonsteps.process.ProcessState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ProcessStateAssertTest {

    private static final int THIS_JVM = (int) ProcessHandle.current().pid();
    private static final int LEADER = StateBuilder.PID;

    private static StateBuilder daemon() {
        return new StateBuilder();
    }

    private static StateBuilder leader() {
        return daemon().sid(LEADER).pgid(LEADER);
    }

    private static StateBuilder inTerminal() {
        return daemon().terminal(0x8803, "/dev/pts/3");
    }

    private static String failure(StateBuilder state, Consumer<ProcessStateAssert> assertion) {
        return FailureMessage.of(() -> assertion.accept(assertThat(state.build())));
    }

    @Test
    void session_leader_fails_with_its_sid() {
        assertThat(daemon().build()).isNotSessionLeader();
        assertThat(failure(leader(), ProcessStateAssert::isNotSessionLeader)).isEqualTo(
                "expected process 4711 not to lead its session, but its sid is 4711:"
                        + " it could take a controlling terminal");
    }

    @Test
    void member_of_session_is_not_its_leader() {
        assertThat(leader().build()).isSessionLeader();
        assertThat(failure(daemon(), ProcessStateAssert::isSessionLeader)).isEqualTo(
                "expected process 4711 to lead its session, but its sid is 4700: process 4700 leads the session");
    }

    @Test
    void group_leader_fails_with_its_pgid() {
        assertThat(daemon().build()).isNotGroupLeader();
        assertThat(failure(leader(), ProcessStateAssert::isNotGroupLeader)).isEqualTo(
                "expected process 4711 not to lead its group, but its pgid is 4711: setsid(2) would fail in it");
    }

    @Test
    void member_of_group_is_not_its_leader() {
        assertThat(leader().build()).isGroupLeader();
        assertThat(failure(daemon(), ProcessStateAssert::isGroupLeader)).isEqualTo(
                "expected process 4711 to lead its group, but its pgid is 4700: process 4700 leads the group");
    }

    @Test
    void session_with_another_id_fails() {
        assertThat(daemon().build()).hasSession(4700);
        assertThat(failure(daemon(), state -> state.hasSession(42)))
                .isEqualTo("expected process 4711 to be in"
                        + " session 42, but its sid is 4700: two sessions never share a controlling terminal");
    }

    @Test
    void session_of_another_process_is_compared() {
        ProcessState launcher = daemon().pid(4600).sid(4500).build();
        assertThat(daemon().build()).isInSessionOf(daemon().pid(4699).build());
        assertThat(failure(daemon(), state -> state.isInSessionOf(launcher)))
                .isEqualTo("expected process 4711 to be"
                        + " in session 4500 of process 4600, but its sid is 4700: two sessions never share a controlling"
                        + " terminal");
    }

    @Test
    void unknown_session_of_another_process_fails() {
        ProcessState hidden = daemon().pid(4600).sid(null).build();
        assertThat(failure(daemon(), state -> state.isInSessionOf(hidden)))
                .isEqualTo("expected process 4711 to be"
                        + " in the session of process 4600, but that session is unknown: process 4600 has ended, or belongs"
                        + " to another user and /proc hides it (hidepid)");
    }

    @Test
    void controlling_terminal_fails_with_its_path() {
        assertThat(daemon().build()).hasNoControllingTerminal();
        assertThat(failure(inTerminal(), ProcessStateAssert::hasNoControllingTerminal))
                .isEqualTo("expected process"
                        + " 4711 not to have a controlling terminal, but its controlling terminal is /dev/pts/3: a hangup or"
                        + " Ctrl-C there could end it");
    }

    @Test
    void controlling_terminal_without_a_path_fails_with_its_device() {
        assertThat(failure(daemon().terminal(7, null), ProcessStateAssert::hasNoControllingTerminal))
                .isEqualTo(
                        "expected process 4711 not to have a controlling terminal, but its controlling terminal is device 7:"
                                + " a hangup or Ctrl-C there could end it");
    }

    @Test
    void missing_controlling_terminal_fails() {
        assertThat(inTerminal().build()).hasControllingTerminal(Path.of("/dev/pts/3"));
        assertThat(failure(daemon(), state -> state.hasControllingTerminal(Path.of("/dev/pts/3")))).isEqualTo(
                "expected process 4711 to have the controlling terminal /dev/pts/3, but it does not have one:"
                        + " only a session leader can take a controlling terminal");
    }

    @Test
    void other_controlling_terminal_fails_with_its_path() {
        assertThat(failure(inTerminal(), state -> state.hasControllingTerminal(Path.of("/dev/pts/4"))))
                .isEqualTo(
                        "expected process 4711 to have the controlling terminal /dev/pts/4, but its controlling terminal is"
                                + " /dev/pts/3: a hangup or Ctrl-C reaches it from there");
    }

    @Test
    void child_of_this_process_is_not_an_orphan() {
        assertThat(daemon().build()).isOrphan();
        assertThat(failure(daemon().ppid(THIS_JVM), ProcessStateAssert::isOrphan))
                .isEqualTo("expected process 4711"
                        + " to be an orphan, but its parent is " + THIS_JVM
                        + ", this process: process 1 or a subreaper must adopt it");
    }

    @Test
    void child_of_session_leader_is_not_an_orphan() {
        assertThat(failure(daemon().ppid(StateBuilder.SID), ProcessStateAssert::isOrphan))
                .isEqualTo("expected"
                        + " process 4711 to be an orphan, but its parent is 4700, the leader of its session: the leader has"
                        + " not exited");
    }

    @Test
    void child_of_a_process_outside_its_namespace_is_not_an_orphan() {
        assertThat(failure(daemon().ppid(0), ProcessStateAssert::isOrphan))
                .isEqualTo("expected process 4711 to be"
                        + " an orphan, but its ppid is 0: its parent is outside of its PID namespace");
    }

    @Test
    void other_working_directory_fails_with_its_path() {
        assertThat(daemon().cwd("/srv").build()).hasWorkingDirectory(Path.of("/srv"));
        assertThat(failure(daemon(), state -> state.hasWorkingDirectory(Path.of("/srv"))))
                .isEqualTo("expected"
                        + " process 4711 to have the working directory /srv, but its working directory is /: its relative"
                        + " paths start there");
    }

    @Test
    void symbolic_link_to_working_directory_is_resolved(@TempDir Path directory) throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("/"));
        assertThat(daemon().build()).hasWorkingDirectory(link);
    }

    @Test
    void other_umask_fails_with_both_modes_of_a_new_file() {
        assertThat(daemon().umask(027).build()).hasUmask(027);
        assertThat(failure(daemon(), state -> state.hasUmask(027)))
                .isEqualTo("expected process 4711 to have the"
                        + " umask 0027, but its umask is 0022: a file opened with mode 0666 gets mode 0644, not 0640");
    }

    @Test
    void unexpected_descriptor_fails_with_its_file() {
        assertThat(daemon().open(5, "/x").build()).hasOnlyDescriptors(0, 1, 2, 5);
        assertThat(failure(daemon().open(5, "/x").open(7, "socket:[12]"),
                state -> state.hasOnlyDescriptors(0, 1, 2)))
                .isEqualTo("expected process 4711 to have only [0, 1, 2] open, but it also has 5 (/x),"
                        + " 7 (socket:[12]) open: it holds what is open there");
    }

    @Test
    void missing_descriptor_fails_with_its_number() {
        assertThat(failure(daemon().closed(1).open(5, "/x"), state -> state.hasOnlyDescriptors(0, 1, 2)))
                .isEqualTo(
                        "expected process 4711 to have only [0, 1, 2] open, but it does not have 1 open: the next file that it opens"
                                + " takes the number; it also has 5 (/x) open: it holds what is open there");
    }

    @Test
    void many_unexpected_descriptors_are_counted() {
        StateBuilder launcher = daemon();
        for (int fd = 3; fd < 100; fd++) {
            launcher.open(fd, "/" + fd);
        }
        assertThat(failure(launcher, state -> state.hasOnlyDescriptors(0, 1, 2)))
                .isEqualTo("expected process 4711"
                        + " to have only [0, 1, 2] open, but it also has 3 (/3), 4 (/4), 5 (/5), 6 (/6), 7 (/7), 8 (/8),"
                        + " 9 (/9), 10 (/10) and 89 more open: it holds what is open there");
    }

    @Test
    void descriptor_on_another_file_fails_with_that_file() {
        assertThat(daemon().open(1, "/var/log/x").build()).hasDescriptor(1, Path.of("/var/log/x"));
        assertThat(failure(daemon(), state -> state.hasDescriptor(1, Path.of("/var/log/x"))))
                .isEqualTo("expected"
                        + " process 4711 to have descriptor 1 open on /var/log/x, but the descriptor is open on /dev/null:"
                        + " it reads and writes there");
    }

    @Test
    void closed_descriptor_fails() {
        assertThat(failure(daemon().closed(1), state -> state.hasDescriptor(1, Path.of("/var/log/x"))))
                .isEqualTo(
                        "expected process 4711 to have descriptor 1 open on /var/log/x, but the descriptor is closed: a read"
                                + " or write fails with EBADF");
    }

    @Test
    void blocked_signal_fails_with_its_name() {
        assertThat(daemon().build()).blocksNoSignals();
        assertThat(
                failure(daemon().blocked(SignalSet.of(Signal.SIGTERM)), ProcessStateAssert::blocksNoSignals))
                .isEqualTo(
                        "expected process 4711 not to block any signal, but it blocks {SIGTERM}: execve(2) does"
                                + " not reset the mask");
    }

    @Test
    void ignored_signal_fails_with_its_name() {
        assertThat(daemon().build()).ignoresNoSignals();
        assertThat(
                failure(daemon().ignored(SignalSet.of(Signal.SIGHUP)), ProcessStateAssert::ignoresNoSignals))
                .isEqualTo(
                        "expected process 4711 not to ignore any signal, but it ignores {SIGHUP}: execve(2) does"
                                + " not reset this");
    }

    @Test
    void signal_that_is_not_ignored_fails() {
        assertThat(daemon().ignored(SignalSet.of(Signal.SIGHUP)).build()).ignores(Signal.SIGHUP);
        assertThat(failure(daemon(), state -> state.ignores(Signal.SIGHUP)))
                .isEqualTo("expected process 4711 to"
                        + " ignore SIGHUP, but its ignored signals are {}: SIGHUP reaches it");
    }

    @Test
    void other_user_fails_with_its_number() {
        assertThat(daemon().build()).hasUser(1000);
        assertThat(failure(daemon(), state -> state.hasUser(7)))
                .isEqualTo("expected process 4711 to run as user 7,"
                        + " but its uid is 1000: it has the rights of that user");
    }

    @Test
    void root_fails_with_its_rights() {
        assertThat(failure(daemon().uid(0), state -> state.hasUser(7)))
                .isEqualTo("expected process 4711 to run as"
                        + " user 7, but its uid is 0: it has the rights of root");
    }

    @Test
    void running_process_has_not_ended() {
        assertThat(daemon().pid(Integer.MAX_VALUE).build()).hasEnded();
        assertThat(failure(daemon().pid(THIS_JVM), ProcessStateAssert::hasEnded))
                .isEqualTo("expected process "
                        + THIS_JVM
                        + " to have ended, but it still runs: its files, locks and ports are in use");
    }

    @Test
    void missing_process_does_not_run() {
        assertThat(daemon().pid(THIS_JVM).build()).isRunning();
        assertThat(failure(daemon().pid(Integer.MAX_VALUE), ProcessStateAssert::isRunning))
                .isEqualTo("expected"
                        + " process 2147483647 to run, but it has ended, or belongs to another user and /proc hides it"
                        + " (hidepid)");
    }

    @Test
    void descriptor_that_a_proper_daemon_may_have_open_is_accepted() {
        assertThat(daemon().build()).isProperDaemon();
        assertThat(daemon().open(3, "/run/x.pid").build()).isProperDaemon(3);
        assertThat(daemon().build()).isProperDaemon(3);
    }

    @Test
    void improper_daemon_fails_with_every_flaw() {
        StateBuilder launched = leader().ppid(THIS_JVM).terminal(0x8803, "/dev/pts/3").cwd("(unreachable)/x")
                .closed(2).open(3, "/run/x.pid").open(9, "/tmp/x").blocked(SignalSet.of(Signal.SIGINT))
                .ignored(SignalSet.of(Signal.SIGHUP));
        assertThat(failure(launched, state -> state.isProperDaemon(3))).isEqualTo("""
                expected process 4711 to be a proper daemon, but:
                  - its parent is THIS_JVM, this process: process 1 or a subreaper must adopt it
                  - its sid is 4711: it could take a controlling terminal
                  - its pgid is 4711: setsid(2) would fail in it
                  - its controlling terminal is /dev/pts/3: a hangup or Ctrl-C there could end it
                  - it does not have 2 open: the next file that it opens takes the number; \
                it also has 9 (/tmp/x) open: it holds what is open there
                  - its working directory is (unreachable)/x: the directory does not have an absolute path
                  - it blocks {SIGINT}: execve(2) does not reset the mask
                  - it ignores {SIGHUP}: execve(2) does not reset this"""
                .replace("THIS_JVM", Integer.toString(THIS_JVM)));
    }

    @Test
    void daemon_with_other_files_than_its_pid_file_and_log_is_not_proper() {
        Path pidFile = Path.of("/run/x.pid");
        Path log = Path.of("/var/log/x.log");
        assertThat(daemon().open(1, "/var/log/x.log").open(2, "/var/log/x.log").open(5, "/run/x.pid").build())
                .isProperDaemon(pidFile, log);
        assertThat(failure(daemon().closed(2).open(0, "/x").open(9, "/tmp/x"),
                state -> state.isProperDaemon(pidFile, log))).isEqualTo(
                        """
                        expected process 4711 to be a proper daemon, but:
                          - it does not have 2 open: the next file that it opens takes the number; \
                        it also has 9 (/tmp/x) open: it holds what is open there
                          - its descriptor 0 is open on /x, not on /dev/null
                          - its descriptor 1 is open on /dev/null, not on /var/log/x.log
                          - it has the pid file /run/x.pid open nowhere: exactly one descriptor holds the lock""");
        assertThat(failure(
                daemon().open(1, "/var/log/x.log").open(2, "/var/log/x.log").open(3, "/run/x.pid").open(4,
                        "/run/x.pid"),
                state -> state.isProperDaemon(pidFile, log))).isEqualTo(
                        """
                        expected process 4711 to be a proper daemon, but:
                          - it has the pid file /run/x.pid open at 3, 4: exactly one descriptor holds the lock""");
        assertThat(FailureMessage.of(() -> assertThat(StateBuilder.unknown()).isProperDaemon(pidFile, log)))
                .contains("its descriptors are unknown");
    }

    @Test
    void blocked_signals_are_expected_before_exec() {
        StateBuilder forked = daemon().open(9, "socket:[12]").blocked(SignalSet.ALL);
        assertThat(forked.build()).isProperDaemonBeforeExec(9);
        assertThat(failure(forked, state -> state.isProperDaemonBeforeExec())).isEqualTo("""
                expected process 4711 to be a proper daemon before EXEC, but:
                  - it also has 9 (socket:[12]) open: it holds what is open there""");
        assertThat(failure(forked, state -> state.isProperDaemon(9))).isEqualTo("""
                expected process 4711 to be a proper daemon, but:
                  - it blocks {SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE and 56 more}: \
                execve(2) does not reset the mask""");
    }

    @Test
    void daemon_outside_the_group_of_its_session_is_not_proper() {
        assertThat(failure(daemon().pgid(4705), state -> state.isProperDaemon())).isEqualTo("""
                expected process 4711 to be a proper daemon, but:
                  - its pgid is 4705 and its sid is 4700: it has left the group that setsid(2) created""");
    }

    @Test
    void daemon_in_a_session_of_another_namespace_is_not_proper() {
        assertThat(failure(daemon().pgid(0).sid(0), state -> state.isProperDaemon())).isEqualTo("""
                expected process 4711 to be a proper daemon, but:
                  - its sid is 0: its session is outside of its PID namespace""");
    }

    @Test
    void unknown_process_is_not_a_proper_daemon() {
        assertThat(FailureMessage.of(() -> assertThat(StateBuilder.unknown()).isProperDaemon())).isEqualTo("""
                expected process 4711 to be a proper daemon, but:
                  - its parent is HIDDEN and /proc hides it (hidepid)
                  - its sid is HIDDEN and /proc hides it (hidepid)
                  - its pgid is HIDDEN and /proc hides it (hidepid)
                  - its controlling terminal is HIDDEN and /proc hides it (hidepid)
                  - its descriptors are HIDDEN
                  - its working directory is HIDDEN
                  - its blocked signals are HIDDEN and /proc hides it (hidepid)
                  - its ignored signals are HIDDEN and /proc hides it (hidepid)"""
                .replace("HIDDEN", "unknown: the process has ended, or belongs to another user"));
    }

    static Stream<Arguments> assertionsAndFacts() {
        String hidden = " unknown: the process has ended, or belongs to another user";
        String byMount = hidden + " and /proc hides it (hidepid)";
        return Stream.of(
                assertion(ProcessStateAssert::isNotSessionLeader,
                        "not to lead its session, but its sid is" + byMount),
                assertion(ProcessStateAssert::isSessionLeader,
                        "to lead its session, but its sid is" + byMount),
                assertion(ProcessStateAssert::isNotGroupLeader,
                        "not to lead its group, but its pgid is" + byMount),
                assertion(ProcessStateAssert::isGroupLeader, "to lead its group, but its pgid is" + byMount),
                assertion(state -> state.hasSession(1), "to be in session 1, but its sid is" + byMount),
                assertion(ProcessStateAssert::hasNoControllingTerminal,
                        "not to have a controlling terminal, but its controlling terminal is" + byMount),
                assertion(state -> state.hasControllingTerminal(Path.of("/dev/tty1")),
                        "to have the controlling terminal /dev/tty1, but its controlling terminal is"
                                + byMount),
                assertion(ProcessStateAssert::isOrphan, "to be an orphan, but its parent is" + byMount),
                assertion(state -> state.hasWorkingDirectory(Path.of("/")),
                        "to have the working directory /, but its working directory is" + hidden),
                assertion(state -> state.hasUmask(0), "to have the umask 0000, but its umask is" + byMount),
                assertion(state -> state.hasOnlyDescriptors(0),
                        "to have only [0] open, but its descriptors are" + hidden),
                assertion(state -> state.hasDescriptor(0, Path.of("/x")),
                        "to have descriptor 0 open on /x, but its descriptors are" + hidden),
                assertion(ProcessStateAssert::blocksNoSignals,
                        "not to block any signal, but its blocked signals are" + byMount),
                assertion(ProcessStateAssert::ignoresNoSignals,
                        "not to ignore any signal, but its ignored signals are" + byMount),
                assertion(state -> state.ignores(Signal.SIGHUP),
                        "to ignore SIGHUP, but its ignored signals are" + byMount),
                assertion(state -> state.hasUser(0), "to run as user 0, but its uid is" + byMount));
    }

    private static Arguments assertion(Consumer<ProcessStateAssert> assertion, String failure) {
        return Arguments.of(assertion, failure);
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("assertionsAndFacts")
    void unknown_fact_fails_with_the_reason(Consumer<ProcessStateAssert> assertion, String failure) {
        assertThat(FailureMessage.of(() -> assertion.accept(assertThat(StateBuilder.unknown()))))
                .isEqualTo("expected process 4711 " + failure);
    }

    @Test
    void orphan_of_an_unknown_session_fails_with_the_reason() {
        assertThat(failure(daemon().sid(null), ProcessStateAssert::isOrphan))
                .isEqualTo("expected process 4711 to be"
                        + " an orphan, but its sid is unknown: the process has ended, or belongs to another user and /proc"
                        + " hides it (hidepid)");
    }

    @Test
    void description_is_in_the_message() {
        assertThat(failure(leader(), state -> state.as("100 %% of %s", "daemons").isNotSessionLeader()))
                .isEqualTo(
                        "[100 % of daemons] expected process 4711 not to lead its session, but its sid is 4711:"
                                + " it could take a controlling terminal");
    }

    @Test
    void message_of_the_test_replaces_that_of_the_assertion() {
        assertThat(failure(leader(), state -> state.withFailMessage("own text").isNotSessionLeader()))
                .isEqualTo("own text");
    }

    @Test
    void percent_sign_in_a_path_is_kept() {
        assertThat(failure(daemon().cwd("/100%d"), state -> state.hasWorkingDirectory(Path.of("/%s"))))
                .isEqualTo(
                        "expected process 4711 to have the working directory /%s, but its working directory is /100%d:"
                                + " its relative paths start there");
    }
}
