package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.github.daemonsteps.daemon.files.FileRefusedException;
import io.github.daemonsteps.daemon.files.LogFile;
import io.github.daemonsteps.daemon.pidfile.DaemonRecord;
import io.github.daemonsteps.daemon.pidfile.PidFile;
import io.github.daemonsteps.daemon.pidfile.PidFileLocker;
import io.github.daemonsteps.daemon.pidfile.PidFileRemover;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.CallInterceptor;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Command;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.Snapshot;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A file is replaced between two calls: its replacement does not change, and no process that it names is
 * signalled.
 */
@Daemons
@Timeout(120)
class HostileRaceIT {

    /** The replacement of a file. */
    enum Replacement {
        NOTHING, SYMBOLIC_LINK, HARD_LINK, FIFO, DIRECTORY, FILE_OF_ANOTHER_USER, FILE_THAT_ALL_CAN_WRITE_TO;

        /** Moves the replacement to a path atomically. */
        void put(Path file, Path precious) throws IOException {
            Path fresh = file.resolveSibling("fresh");
            switch (this) {
                case NOTHING -> {
                    Files.deleteIfExists(file);
                    return;
                }
                case SYMBOLIC_LINK -> Files.createSymbolicLink(fresh, precious);
                case HARD_LINK -> {
                    Files.deleteIfExists(file); // renaming one name of a file to another name of it has no effect
                    Files.createLink(file, precious);
                    return;
                }
                case FIFO -> mkfifo(fresh);
                case DIRECTORY -> {
                    Files.deleteIfExists(file);
                    Files.createDirectory(file);
                    return;
                }
                case FILE_OF_ANOTHER_USER -> {
                    Files.writeString(fresh, "1\n");
                    Files.setAttribute(fresh, "unix:uid", HostileDirectory.ATTACKER);
                }
                case FILE_THAT_ALL_CAN_WRITE_TO -> {
                    Files.writeString(fresh, "1\n");
                    Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-rw-rw-"));
                }
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }

        static void mkfifo(Path fifo) throws IOException {
            try {
                assertThat(Command.run("mkfifo", fifo.toString()).status()).isZero();
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
        }
    }

    private Path directory;
    private CommandRunner runner;

    private final NativePosix posix = NativePosix.get();
    private Path file;
    private Path precious;

    @BeforeEach
    void lay(Launcher launcher, TestDirectory testDirectory) throws Exception {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
        file = directory.resolve("d.pid");
        precious = Files.writeString(directory.resolve("precious"), "a secret\n");
    }

    private static void assumeRootFor(Replacement replacement) {
        Assumptions.assumeTrue(
                replacement != Replacement.FILE_OF_ANOTHER_USER || NativePosix.get().getuid() == 0,
                "only root can give files away");
    }

    /** Replaces a file just before a request to a process. Counts the requests from its arming on. */
    private static final class ReplacementBefore implements CallInterceptor {

        private final int number;
        private final Runnable replace;
        private boolean isArmed;
        private int requests;

        ReplacementBefore(int number, Runnable replace) {
            this.number = number;
            this.replace = replace;
        }

        @Override
        public void before(List<Call> request) {
            if (isArmed && request.getFirst().place() == Place.CHILD && requests++ == number) {
                replace.run();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void pid_file_replaced_before_a_call_of_its_acquisition_is_not_trusted(Replacement replacement)
            throws Exception {
        assumeRootFor(replacement);
        var pidFile = new PidFile(CString.of(file));
        int made = Integer.MAX_VALUE;
        for (int before = 0; before <= made; before++) {
            Files.deleteIfExists(file);
            Files.writeString(file, "1\n");
            AtomicBoolean replaced = new AtomicBoolean();
            Snapshot[] untouched = new Snapshot[2];
            var attack = new ReplacementBefore(before, () -> {
                try {
                    replacement.put(file, precious);
                    replaced.set(true);
                    untouched[0] = Snapshot.of(precious);
                    untouched[1] = replacement == Replacement.NOTHING ? null : Snapshot.of(file);
                } catch (IOException failed) {
                    throw new UncheckedIOException(failed);
                }
            });
            try (var process = ForkedProcess.fork(ForkedProcess.DEADLINE, _ -> {
            }, attack)) {
                attack.isArmed = true;
                try {
                    var locker = new PidFileLocker(pidFile, process, posix);
                    int fd = locker.lock();
                    locker.write(fd, process.pid(), DaemonRecord.Mode.DAEMON, Program.of("/bin/true"));
                    made = attack.requests;
                    assertThat(new String(read(process, fd), StandardCharsets.US_ASCII))
                            .isEqualTo(process.pid() + "\n");
                } finally {
                    attack.isArmed = false;
                    Processes.kill(process.pid()); // without its launcher it would remove the current file of that name
                }
            } catch (FileRefusedException | PosixException refused) {
                assertThat(replaced).as("%s", refused).isTrue();
            }
            assertThat(replaced.get()).isEqualTo(attack.requests > before);
            if (replaced.get()) {
                assertThat(Snapshot.of(precious)).as("before call %d", before).isEqualTo(untouched[0]);
                new PidFileRemover(pidFile, posix).remove();
                if (replacement != Replacement.NOTHING) {
                    assertThat(Snapshot.of(file)).as("before call %d", before).isEqualTo(untouched[1]);
                }
            }
        }
        assertThat(made).as("it was seen through to the end").isBetween(6, 30);
        Files.deleteIfExists(file);
    }

    private static byte[] read(ForkedProcess process, int fd) throws IOException {
        return Files.readAllBytes(Path.of("/proc/" + process.pid() + "/fd/" + fd));
    }

    @Test
    void pid_file_replaced_all_the_time_is_not_trusted() throws Exception {
        Path other = directory.resolve("other.pid");
        Daemon victim = Daemon.named("victim").pidFile(other).log(directory.resolve("victim.log"));
        int pid = start(victim);
        Daemon daemon = Daemon.named("d").pidFile(file).log(directory.resolve("d.log"));
        var over = new AtomicBoolean();
        var rounds = new AtomicInteger();
        List<Throwable> failures = new ArrayList<>();
        Snapshot before = Snapshot.of(other);
        Thread attacker = Thread.ofPlatform().start(() -> {
            try {
                Path fresh = directory.resolve("fresh");
                while (!over.get()) {
                    switch (rounds.incrementAndGet() % 4) {
                        case 0 -> Files.createSymbolicLink(fresh, other);
                        case 1 -> Files.writeString(fresh, pid + "\n");
                        case 2 -> Files.createSymbolicLink(fresh, precious);
                        default -> {
                            Files.writeString(fresh, pid + "\n");
                            Files.setPosixFilePermissions(fresh,
                                    PosixFilePermissions.fromString("rw-rw-rw-"));
                        }
                    }
                    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE,
                            StandardCopyOption.REPLACE_EXISTING);
                }
            } catch (IOException failed) {
                failures.add(failed);
            }
        });
        try {
            for (int i = 0; i < 300 || (rounds.get() <= 300 && attacker.isAlive()); i++) {
                assertThat(daemon.status().state()).isNotInstanceOf(Status.State.Running.class);
                assertThat(daemon.stop()).isNotInstanceOf(StopResult.Stopped.class);
                assertThat(daemon.reload()).isNotInstanceOf(ReloadResult.Signalled.class);
                new PidFileRemover(new PidFile(CString.of(file)), posix).remove();
            }
        } finally {
            over.set(true);
            attacker.join();
        }
        assertThat(failures).isEmpty();
        assertThat(rounds.get()).isGreaterThan(300);
        assertThat(Processes.hasEnded(pid)).isFalse();
        assertThat(Snapshot.of(other)).isEqualTo(before);
        assertThat(precious).hasContent("a secret\n");
        assertThat(victim.stop())
                .isEqualTo(new StopResult.Stopped("victim", pid, false, 0, false, null, List.of()));
        Files.deleteIfExists(file);
    }

    @ParameterizedTest
    @EnumSource
    void log_replaced_after_a_step_is_not_written_to(Replacement replacement) throws Exception {
        assumeRootFor(replacement);
        for (StepName step : List.of(StepName.FORK, StepName.SETSID, StepName.FORK_AGAIN, StepName.CHDIR,
                StepName.UMASK,
                StepName.CLOSE, StepName.REOPEN)) {
            Path log = Files.writeString(directory.resolve("d.log"), "");
            Snapshot[] untouched = new Snapshot[2];
            List<RandomAccessFile> readers = new ArrayList<>();
            Daemon daemon = Daemon.named("d").pidFile(file).log(log).onStep(report -> {
                if (report.step().equals(step)) {
                    try {
                        replacement.put(log, precious);
                        if (replacement == Replacement.FIFO) { // a FIFO with a reader can be opened for writing
                            readers.add(new RandomAccessFile(log.toFile(), "rw"));
                        }
                        untouched[0] = Snapshot.of(precious);
                        untouched[1] = replacement == Replacement.NOTHING ? null : Snapshot.of(log);
                    } catch (IOException failed) {
                        throw new UncheckedIOException(failed);
                    }
                }
            });
            try {
                StartResult result = daemon.start(Program.of("/bin/sh", "-c", "echo written; exec sleep 300"),
                        new Readiness.AliveAfter(Duration.ofMillis(1)));
                boolean isAnotherOne = step.equals(StepName.REOPEN); // another file than the open one
                boolean isOurs = replacement == Replacement.NOTHING
                        || replacement == Replacement.FILE_THAT_ALL_CAN_WRITE_TO;
                assertThat(result).as("after %s", step)
                        .isInstanceOf(isOurs && !isAnotherOne
                                ? StartResult.Started.class
                                : StartResult.Failed.class);
                if (result instanceof StartResult.Failed failed) {
                    assertThat(failed.logTail()).isEmpty();
                    assertThat(file).doesNotExist();
                }
                if (!isOurs) {
                    assertThat(Snapshot.of(log)).as("after %s", step).isEqualTo(untouched[1]);
                }
                assertThat(Snapshot.of(precious)).as("after %s", step).isEqualTo(untouched[0]);
            } finally {
                daemon.stop();
                for (RandomAccessFile reader : readers) {
                    reader.close();
                }
            }
            Files.deleteIfExists(log);
        }
    }

    /** The daemon itself opens the file here, and can report to its own log only. */
    @Test
    void log_replaced_before_the_daemon_reopens_it_is_not_written_to() throws Exception {
        Path log = directory.resolve("app.log");
        assertThat(app("start").status()).isZero();
        Path descriptor =
                Path.of("/proc", Files.readString(directory.resolve("app.pid")).trim(), "fd", "1");
        int reloads = 0;
        for (Replacement replacement : Replacement.values()) {
            if (replacement == Replacement.FILE_OF_ANOTHER_USER && posix.getuid() != 0) {
                continue; // only root can give files away
            }
            Path old = Files.move(log, directory.resolve("app.log." + replacement),
                    StandardCopyOption.REPLACE_EXISTING);
            int before = Files.readString(old).length();
            replacement.put(log, precious);
            Snapshot untouched = Snapshot.of(precious);
            // A FIFO with a reader can be opened for writing.
            try (var _ =
                    replacement == Replacement.FIFO ? new RandomAccessFile(log.toFile(), "rw") : null) {
                assertThat(app("reload").status()).isZero();
                await(directory.resolve("actions"), "reloads\n".repeat(++reloads));
            }
            boolean isOurs = replacement == Replacement.NOTHING
                    || replacement == Replacement.FILE_THAT_ALL_CAN_WRITE_TO;
            assertThat(Files.readSymbolicLink(descriptor)).as("%s", replacement)
                    .isEqualTo(isOurs ? log : old);
            String refusal = "app: log not reopened: the log \"" + log + "\" ";
            assertThat(Files.readString(old).substring(before).contains(refusal)).as("%s", replacement)
                    .isEqualTo(!isOurs);
            assertThat(Snapshot.of(precious)).as("%s", replacement).isEqualTo(untouched);
            if (!isOurs) {
                Files.delete(log);
                Files.move(old, log); // as before
            }
        }
        assertThat(app("stop").status()).isZero();
    }

    private CommandResult app(String subcommand) throws Exception {
        return runner
                .run(ChildJvm.command(List.of("-Ddirectory=" + directory), Application.class, subcommand));
    }

    @Test
    void log_alternating_with_a_fifo_does_not_block_its_reader() throws Exception {
        Path log = Files.writeString(directory.resolve("turns.log"), "the last line\n");
        Path fifo = directory.resolve("turns.fifo");
        Replacement.mkfifo(fifo);
        Path spare = directory.resolve("turns.spare");
        var done = new AtomicBoolean();
        Thread attacker = Thread.ofPlatform().start(() -> {
            try {
                while (!done.get()) {
                    Files.move(log, spare);
                    Files.move(fifo, log);
                    Files.move(log, fifo);
                    Files.move(spare, log);
                }
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        });
        try {
            assertTimeoutPreemptively(ChildJvm.DEADLINE, () -> {
                for (int i = 0; i < 1_000; i++) {
                    assertThat(new LogFile(CString.of(log)).end(0, NativePosix.get()))
                            .isIn(List.of(), List.of("the last line"));
                }
            });
        } finally {
            done.set(true);
            attacker.join();
        }
    }

    /** Nothing announces this to a process that is neither parent nor child of the daemon. */
    private static void await(Path written, String content) throws IOException {
        Await.until(() -> Files.exists(written) && Files.readString(written).equals(content), () -> written);
    }

    @ParameterizedTest
    @EnumSource(HostileDirectory.Starter.class)
    void links_swapped_in_a_world_writable_directory_are_not_followed(HostileDirectory.Starter starter)
            throws Exception {
        Assumptions.assumeTrue(posix.getuid() == 0, "only root can become an attacker");
        try (var starters = new Starters(directory);
                var ground = new HostileDirectory(directory, starter, starters)) {
            Path other = ground.path("other.pid");
            int victim = ground.daemon(other);
            List<Path> untouched =
                    List.of(other, ground.path("victim.log"),
                            ground.file("precious", HostileDirectory.SECRET));
            List<Snapshot> before = new ArrayList<>();
            for (Path each : untouched) {
                before.add(Snapshot.of(each));
            }
            Path sticky = ground.sticky("sticky");
            Process attacker = attacker(sticky, other.getParent(), victim);
            List<String> answers = new ArrayList<>();
            try {
                assertThat(attacker.inputReader().readLine()).isEqualTo("began");
                List<String> subcommands = new ArrayList<>();
                for (int i = 0; i < 50; i++) {
                    subcommands.addAll(List.of("start", "status", "reload", "stop"));
                }
                for (String pidFile : List.of("d.pid", "theirs/other.pid")) {
                    answers.addAll(
                            ground.answers(sticky.resolve(pidFile), sticky.resolve("d.log"), subcommands));
                }
            } finally {
                attacker.getOutputStream().close();
            }
            String rounds = attacker.inputReader().lines().toList().getLast();
            assertThat(attacker.waitFor()).isZero();
            assertThat(Integer.parseInt(rounds)).isGreaterThan(100);
            assertThat(answers).hasSize(400).noneMatch(answer -> answer.contains(", pid " + victim))
                    .noneMatch(answer -> answer.startsWith("reload 0"));
            for (int i = 0; i < untouched.size(); i++) {
                assertThat(Snapshot.of(untouched.get(i))).isEqualTo(before.get(i));
            }
            assertThat(ground.results(other, ground.path("victim.log"), "stop"))
                    .containsEntry("stop", "0 d: stopped, pid " + victim);
            Files.deleteIfExists(sticky.resolve("d.pid")); // of the attacker
        }
    }

    private static Process attacker(Path here, Path there, int victim) throws IOException {
        // By env, with a PATH without the directories of root.
        return new ProcessBuilder(Tool.need("setpriv"), "--reuid=" + HostileDirectory.ATTACKER,
                "--regid=" + HostileDirectory.ATTACKER, "--clear-groups", "env",
                "PATH=/usr/local/bin:/usr/bin:/bin",
                Tool.need("python3"), "-c", SWAPPER, here.toString(), there.toString(),
                Integer.toString(victim))
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    /** Creates and removes files until the end of its input, and prints how often. */
    private static final String SWAPPER = """
            import os, select, sys
            here, there, pid = sys.argv[1:]
            os.chdir(here)
            def text():
                with open('fresh', 'w') as fresh:
                    fresh.write(pid + '\\n')
            files = [lambda: os.symlink(there + '/other.pid', 'fresh'), lambda: os.symlink(there + '/precious', 'fresh'),
                lambda: os.symlink(there + '/none', 'fresh'), lambda: os.mkfifo('fresh'), text, lambda: None]
            ways = [lambda: os.symlink(there, 'fresh'), lambda: os.mkdir('fresh'), lambda: os.symlink('nowhere', 'fresh')]
            def swap(name, make):
                for step in (lambda: os.unlink('fresh'), lambda: os.rmdir('fresh'), lambda: os.unlink(name),
                        lambda: os.rmdir(name), make, lambda: os.rename('fresh', name)):
                    try:
                        step()
                    except OSError:
                        pass
            rounds = 0
            print('began', flush=True)
            while not select.select([0], [], [], 0)[0]:
                rounds += 1
                swap('d.pid', files[rounds % len(files)])
                swap('d.log', files[rounds // len(files) % len(files)])
                swap('theirs', ways[rounds % len(ways)])
            print(rounds)
            """;

    private static int start(Daemon daemon) {
        StartResult result =
                daemon.start(Program.of("/bin/sleep", "300"), new Readiness.AliveAfter(Duration.ofMillis(1)));
        assertThat(result).isInstanceOf(StartResult.Started.class);
        return ((StartResult.Started) result).pid();
    }
}
