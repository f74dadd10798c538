package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.daemon.readiness.Handshake;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * An application with a handshake for another process in its environment is an ordinary launcher. It writes
 * nothing to the descriptor of that handshake.
 */
@Daemons
class ForgedHandshakeIT {

    /**
     * Executes the application in a process with such a descriptor and variable. PID, START, FD and INODE
     * in the variable are replaced by the right values, and the last field, the starting user, is root. Its
     * parent writes the data from the other end of the descriptor to the file "received", and exits with
     * the status of the application.
     */
    private static final String FORGER = """
            import os, socket, sys
            what, variable, command = sys.argv[1], sys.argv[2], sys.argv[3:]
            fd = 7
            if what.startswith('standard '):
                fd, what = int(what.split()[1]), 'pipe'
            reading, writing = os.pipe()
            inode = os.fstat(writing).st_ino
            given = writing
            if what == 'other pipe':
                reading, given = os.pipe()
            elif what == 'socket':
                ours, theirs = socket.socketpair()
                reading, given = ours.detach(), theirs.detach()
                inode = os.fstat(given).st_ino
            elif what == 'file':
                name = 'pipe:[%d]' % inode
                given = os.open(name, os.O_WRONLY | os.O_CREAT)
                reading = os.open(name, os.O_RDONLY)
            child = os.fork()
            if child == 0:
                if what != 'closed':
                    os.dup2(given, fd)
                start = open('/proc/self/stat').read().rsplit(')', 1)[1].split()[19]
                for name, value in dict(PID=os.getpid(), START=start, FD=fd, INODE=inode).items():
                    variable = variable.replace(name, str(value))
                os.environ['DAEMON_STEPS_HANDSHAKE'] = variable.replace('HUGE', '1' * 100000) + ':0:/'
                os.execv(command[0], command)
            os.close(writing)
            if given != writing:
                os.close(given)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            with open('received', 'wb') as received:
                while chunk := os.read(reading, 65536):
                    received.write(chunk)
            sys.exit(status)
            """;

    private static final String NOT_MEANT_FOR_IT = """
            # the descriptor          | the variable
            pipe                      | PID:1START:FD:INODE
            pipe                      | PID:-1:FD:INODE
            pipe                      | 1PID:START:FD:INODE
            pipe                      | PID:START:FD:1INODE
            pipe                      | PID:START:-FD:INODE
            pipe                      | PID:START:4294967303:INODE
            pipe                      | PID:START:FD/../FD:INODE
            pipe                      | PID:START:HUGE:INODE
            pipe                      | PID:START:FD:HUGE
            pipe                      | HUGE
            pipe                      | ''
            other pipe                | PID:START:FD:INODE
            socket                    | PID:START:FD:INODE
            file                      | PID:START:FD:INODE
            closed                    | PID:START:FD:INODE
            standard 0                | PID:START:FD:INODE
            standard 2                | PID:START:FD:INODE
            """;

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
    }

    private CommandResult forged(String what, String variable, String... arguments) throws Exception {
        List<String> words = new ArrayList<>(List.of(Tool.need("python3"), "-c", FORGER, what, variable));
        words.addAll(app(Application.class, arguments));
        return runner.run(words);
    }

    private List<String> app(Class<?> main, String... arguments) {
        return ChildJvm.command(List.of("-Ddirectory=" + directory), main, arguments);
    }

    private String received() throws IOException {
        return Files.readString(directory.resolve("received"), StandardCharsets.ISO_8859_1);
    }

    @Test
    void handshake_for_this_process_is_used() throws Exception {
        // Without this control the other tests would prove nothing.
        CommandResult run = forged("pipe", "PID:START:FD:INODE", "start", "throws");
        assertThat(run.status()).isEqualTo(1);
        assertThat(received()).isEqualTo("FAILED no port is left\n");
        assertThat(directory.resolve("worked")).exists();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = NOT_MEANT_FOR_IT)
    void handshake_for_another_process_is_ignored(String what, String variable) throws Exception {
        CommandResult run = forged(what, variable, "status");
        assertThat(run.status()).as("%s", run).isEqualTo(3);
        assertThat(run.out()).isEqualTo("app: not running, pid file " + directory.resolve("app.pid") + "\n");
        assertThat(run.err()).isEmpty();
        assertThat(received()).isEmpty();
        assertThat(directory.resolve("worked")).doesNotExist();
    }

    @Test
    void output_to_a_pipe_in_a_forged_handshake_is_unchanged() throws Exception {
        CommandResult run = forged("standard 1", "PID:START:FD:INODE", "status");
        assertThat(run).isEqualTo(new CommandResult(3, "", ""));
        assertThat(received()).isEqualTo("app: not running, pid file " + directory.resolve("app.pid") + "\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"pipe | PID:1START:FD:INODE", "other pipe | PID:START:FD:INODE",
        "socket | PID:START:FD:INODE", "file | PID:START:FD:INODE", "closed | PID:START:FD:INODE",
        "standard 0 | PID:START:FD:INODE"})
    void application_with_forged_handshake_starts_a_daemon_with_its_own(String what, String variable)
            throws Exception {
        // The end of file shows that the daemon has not inherited the other end.
        CommandResult run = forged(what, variable, "start");
        int pid = Integer.parseInt(Files.readString(directory.resolve("app.pid")).trim());
        assertThat(run).isEqualTo(new CommandResult(0, "app: started, pid " + pid + ": here I am\n", ""));
        assertThat(received()).isEmpty();
        assertThat(directory.resolve("worked")).as("who works").hasContent(pid + "\n");
        assertThat(Environment.strings(Path.of("/proc/" + pid + "/environ")))
                .filteredOn(entry -> entry.startsWith(CString.of(Handshake.VARIABLE))).hasSize(1).first()
                .asString().startsWith(Handshake.VARIABLE + "=" + pid + ":");
        assertThat(Objects.requireNonNull(ProcessState.of(pid).fds()).values())
                .noneMatch(file -> file.startsWith("socket:") || file.contains("/pipe:"));
        assertThat(runner.run(app(Application.class, "stop")).status()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"status, 3, 'heir: starting, pid PID\n'",
        "start, 0, 'heir: is being started already, pid PID\n'",
        "reload, 1, 'heir: not reloaded: process PID is being started\n'",
        "nope, 2, 'unknown subcommand \"nope\"\n'"})
    void child_of_daemon_does_not_report_readiness(String subcommand, int status, String says)
            throws Exception {
        CommandResult run = runner.run(app(HandshakeHeir.class, "start", subcommand));
        int pid = Integer.parseInt(Files.readString(directory.resolve("heir.pid")).trim());
        assertThat(run).isEqualTo(
                new CommandResult(0, "heir: started, pid " + pid + ": from the daemon itself\n", ""));
        assertThat(directory.resolve("status")).hasContent(status + "\n");
        assertThat(Files.readString(directory.resolve("child")))
                .startsWith(says.replace("PID", Integer.toString(pid)));
        assertThat(Files.readString(directory.resolve("heir.log"))).isEmpty();
        runner.killDaemon("heir.pid");
    }
}
