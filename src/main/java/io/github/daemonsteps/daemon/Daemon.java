package io.github.daemonsteps.daemon;

import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.daemon.control.DaemonController;
import io.github.daemonsteps.daemon.run.DaemonMain;
import io.github.daemonsteps.daemon.start.CurrentJvm;
import io.github.daemonsteps.daemon.start.DryRun;
import io.github.daemonsteps.daemon.start.Restart;
import io.github.daemonsteps.daemon.start.Start;
import io.github.daemonsteps.daemon.start.StartPlan;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.process.UserIdentity;
import io.github.daemonsteps.procfs.ProcLink;
import io.github.daemonsteps.steps.SetUmask;
import io.github.daemonsteps.steps.Step;
import io.github.daemonsteps.steps.StepReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A daemon: its name, its files, and what can be asked of it. Immutable; each method that changes something gives a
 * new one.
 *
 * <p>An application becomes a daemon in its {@code main}:
 *
 * <pre>{@code
 * public static void main(String[] args) {
 *     Daemon.named("echo").launch(args, daemon -> {
 *         var server = EchoServer.start(daemon.args());
 *         daemon.onReload(server::reload);
 *         daemon.onStop(server::close);
 *         daemon.ready("listening on " + server.port());
 *     });
 * }
 * }</pre>
 *
 * <p>A program can also start, stop and query a daemon without {@link #launch}, and gets the results as records. A path
 * must be absolute: a daemon runs in another directory than its launcher.
 *
 * <p>If nothing else is said, the directory is {@code /}, the umask 027, and the files are {@code /run/NAME.pid} and
 * {@code /var/log/NAME.log} for root; for others {@code ~/.local/state/NAME/NAME.pid} and
 * {@code ~/.local/state/NAME/NAME.log}. Beside a pid file lies its record, {@code NAME.pid.record}.
 */
public final class Daemon {

    /** The directory that a daemon has if nothing is said: {@code /}. */
    public static final CString DEFAULT_DIRECTORY = DaemonConfig.DEFAULT_DIRECTORY;

    /** The mask that a daemon has if nothing is said: 027. */
    public static final FileMode DEFAULT_UMASK = DaemonConfig.DEFAULT_UMASK;

    private static final int MAX_NAME_LENGTH = 100;

    private final DaemonConfig config;

    Daemon(DaemonConfig config) {
        this.config = config;
    }

    Daemon with(Consumer<DaemonConfig.Draft> change) {
        return new Daemon(config.with(change));
    }

    DaemonConfig config() {
        return config;
    }

    /**
     * A daemon of this name, with all else as it is if nothing is said.
     *
     * @throws IllegalArgumentException if the name is none for a file: empty, longer than 100 characters, with a
     *         slash or a control character, or with a dot or a hyphen in front
     */
    public static Daemon named(String name) {
        boolean valid = !name.isEmpty() && name.length() <= MAX_NAME_LENGTH && !name.startsWith(".")
                && !name.startsWith("-")
                && name.chars().noneMatch(c -> c == '/' || Character.isISOControl(c));
        if (!valid) {
            throw new IllegalArgumentException("a daemon's name is 1 to " + MAX_NAME_LENGTH
                    + " characters without a slash, and begins with neither a dot nor a hyphen: not "
                    + CString.of(name).quoted());
        }
        return new Daemon(DaemonConfig.of(name));
    }

    /** Keeps the process id, and the lock, in this file. */
    public Daemon pidFile(Path file) {
        return pidFile(CString.of(file));
    }

    /** Keeps the process id, and the lock, in the file at these bytes. */
    public Daemon pidFile(CString file) {
        return with(draft -> draft.ownPidFile = absolute("pid file", file));
    }

    /** Appends standard output and standard error to this file; {@code /dev/null} and {@code /dev/console} will do. */
    public Daemon log(Path file) {
        return log(CString.of(file));
    }

    /** The same for the file at these bytes. */
    public Daemon log(CString file) {
        return with(draft -> draft.ownLog = absolute("log", file));
    }

    /** Appends standard error to a file of its own. */
    public Daemon errorLog(Path file) {
        return errorLog(CString.of(file));
    }

    /** The same for the file at these bytes. */
    public Daemon errorLog(CString file) {
        return with(draft -> draft.ownErrorLog = absolute("error log", file));
    }

    /** Runs in this directory. */
    public Daemon workingDirectory(Path directory) {
        return workingDirectory(CString.of(directory));
    }

    /** The same for the directory at these bytes. */
    public Daemon workingDirectory(CString directory) {
        return with(draft -> draft.directory = absolute("working directory", directory));
    }

    /**
     * Makes the daemon run in the current directory of this process, and not in {@code /}. As long as the daemon runs, the file
     * system of that directory cannot be unmounted.
     *
     * @throws IllegalStateException if the directory was removed
     */
    public Daemon keepWorkingDirectory() {
        ProcLink here = ProcLink.workingDirectory(config.posix());
        if (here.isRemoved()) {
            throw new IllegalStateException(
                    "the current directory, " + here.path().quoted() + ", was removed");
        }
        return workingDirectory(here.path());
    }

    private static CString absolute(String what, CString path) {
        if (!path.isAbsolutePath()) {
            throw new IllegalArgumentException(
                    "a daemon's " + what + " is an absolute path, not " + path.quoted());
        }
        return path;
    }

    /**
     * Has this file mode creation mask.
     *
     * @throws IllegalArgumentException if the mask is above 0777
     */
    public Daemon umask(FileMode mask) {
        var _ = new SetUmask(mask); // says what is wrong
        return with(draft -> draft.umask = mask);
    }

    /**
     * Inherits these descriptors that the launcher was started with, and those of earlier calls.
     *
     * @throws IllegalArgumentException if one is not above 2
     */
    public Daemon keepOpen(int... fds) {
        return with(draft -> {
            for (int fd : fds) {
                if (fd <= 2) {
                    throw new IllegalArgumentException("only descriptors above 2 can be kept, not " + fd);
                }
                draft.kept.add(fd);
            }
        });
    }

    /** Has this variable in its environment, besides those of the launcher. */
    public Daemon environment(String variable, String value) {
        return environment(CString.of(variable + "=" + value));
    }

    /**
     * The same, as {@code NAME=value} in bytes.
     *
     * @throws IllegalArgumentException if it is not of that form
     */
    public Daemon environment(CString variable) {
        new Environment(List.of()).with(variable); // says what is wrong
        return with(draft -> draft.variables.add(variable));
    }

    /**
     * Options for the daemon's JVM, and not for the launcher's: where the application starts itself, see {@link
     * #start(String...)}. This is the place for what must not happen twice, as a debugger's port.
     */
    public Daemon jvmOptions(String... options) {
        return with(draft -> draft.jvmOptions.addAll(CString.listOf(options)));
    }

    /** Sets how long the daemon may take to become ready, by default 60 s. The daemon can ask for more. */
    public Daemon startTimeout(Duration timeout) {
        return with(draft -> draft.startTimeout = positive(timeout));
    }

    /**
     * Sets how long the daemon may take to end after the {@linkplain #stopSignal stop signal}, by default 30 s. Then the daemon
     * gets SIGKILL. Its own {@link DaemonContext#onStop} actions have five sixths of that time.
     */
    public Daemon stopTimeout(Duration timeout) {
        return with(draft -> draft.stopTimeout = positive(timeout));
    }

    /**
     * Stops it by this signal instead of SIGTERM. For a program whose graceful stop is another one, as SIGQUIT is nginx's.
     * An application that calls {@link #launch} stops in order on SIGTERM and SIGINT.
     */
    public Daemon stopSignal(Signal signal) {
        return with(draft -> draft.stopSignal = signal);
    }

    /**
     * Asks it to reload by this signal instead of SIGHUP. An application that calls {@link #launch} reloads on SIGHUP
     * alone.
     *
     * @throws IllegalArgumentException if the signal is SIGKILL or SIGSTOP: no process can catch these
     */
    public Daemon reloadSignal(Signal signal) {
        if (signal.equals(Signal.SIGKILL) || signal.equals(Signal.SIGSTOP)) {
            throw new IllegalArgumentException(
                    "a reload signal is one that a process can catch, and none can catch " + signal);
        }
        return with(draft -> draft.reloadSignal = signal);
    }

    /** Stops these processes: {@link KillMode#MIXED} by default. */
    public Daemon killMode(KillMode mode) {
        return with(draft -> draft.killMode = mode);
    }

    private static Duration positive(Duration timeout) {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("a timeout is more than nothing, not " + timeout);
        }
        return timeout;
    }

    /** Fails a start if the daemon runs already. By default the start succeeds, as the Linux Standard Base asks. */
    public Daemon failIfRunning() {
        return with(draft -> draft.exclusive = true);
    }

    /**
     * Fails a start, and refuses a restart before anything is stopped, if another command than the one to be started runs
     * under the pid file: another program, or the same one with other arguments. Without this setting a start reports that
     * the daemon runs already, whatever the command is. The setting is for default names, such as the base name of a
     * program.
     */
    public Daemon sameCommandOnly() {
        return with(draft -> draft.sameCommand = true);
    }

    /**
     * Lets {@code run}, in the foreground, take no pid file. Such a process is not seen by {@code status}, {@code stop} and
     * {@code reload}, and another one can be started beside it. For places where no pid file can be made, such as a
     * container with a read-only file system. {@code run --no-pid-file} does the same.
     */
    public Daemon noPidFileInForeground() {
        return with(draft -> draft.foregroundPidFile = false);
    }

    /**
     * The soft limit of open descriptors that it is started with. HotSpot raises that of the launcher to the hard
     * limit, and a program that is not a JVM would inherit it.
     *
     * @throws IllegalArgumentException if the limit is negative
     */
    public Daemon openFileLimit(long softLimit) {
        if (softLimit < 0) {
            throw new IllegalArgumentException("a limit of open files must not be negative: " + softLimit);
        }
        return with(draft -> draft.openFiles = softLimit);
    }

    /**
     * Is this user, {@code NAME[:GROUP]}, each a name or a number; see {@link UserIdentity#of(CString)}. Only root can start
     * it then. Its pid file and its log are opened before, by root. Of root's environment it has what {@link
     * UserIdentity#INHERITED_VARIABLES} names, besides its own HOME, USER, LOGNAME and SHELL, and what {@link #environment} adds.
     *
     * <p>The user is looked up when the daemon is started.
     */
    public Daemon user(String nameAndGroup) {
        return user(CString.of(nameAndGroup));
    }

    /** The same for the user, and group, of these bytes. */
    public Daemon user(CString nameAndGroup) {
        return with(draft -> draft.user = nameAndGroup);
    }

    /** Has all of root's environment although it is another {@link #user}; HOME, USER, LOGNAME and SHELL are its own. */
    public Daemon inheritEnvironment() {
        return with(draft -> draft.keepEnvironment = true);
    }

    /** Forbids new privileges: no program that the daemon executes gets more rights, and set-user-ID bits have no effect. */
    public Daemon noNewPrivileges() {
        return with(draft -> draft.noNewPrivileges = true);
    }

    /** Forbids core dumps: the daemon leaves no core file when it crashes. */
    public Daemon noCoreDumps() {
        return with(draft -> draft.noCoreDumps = true);
    }

    /**
     * Adds a step of your own to a start. The step is taken after the seven and before the user is changed. If the step fails,
     * the start fails. {@link #dryRun}, {@link #preflight} and the restart of an application take the step too, on a process that
     * is then killed.
     */
    public Daemon addStep(Step step) {
        return with(draft -> draft.steps.add(step));
    }

    /**
     * Is shown the report of each step while the daemon is started, in the launcher. It is called by a thread of the
     * start's own, while the one that has called {@code start} waits.
     */
    public Daemon onStep(Consumer<StepReport> listener) {
        return with(draft -> draft.observer = listener);
    }

    /**
     * Executes the subcommand that the first argument names, and ends the JVM with the exit status that {@link #run} returns.
     * An application's {@code main} need call nothing else.
     *
     * @param args the arguments of {@code main}
     * @param worker what the daemon does
     */
    public void launch(String[] args, DaemonApplication worker) {
        System.exit(run(args, worker));
    }

    /**
     * Executes the subcommand that the first argument names, and returns the exit status. The subcommand is {@code start},
     * {@code stop}, {@code status}, {@code restart}, {@code reload}, {@code run} or {@code plan}; the other arguments are
     * the application's own ({@code status} takes {@code --json}). {@code --help}, {@code -h} and {@code help}
     * print these subcommands. {@code --version} prints the version of the worker's module or, without one, the
     * {@code Implementation-Version} of its jar.
     *
     * <p>In the launcher the exit status is the one that the Linux Standard Base defines for the result; 2 is that of a usage
     * error. A result goes to standard output, an error to standard error.
     *
     * <p>The worker runs in the daemon alone, or for {@code run} in this JVM in the foreground. In the JVM of the worker this
     * method does not return as long as the daemon serves: a stop ends the JVM, in order and with status 0. The method returns
     * 1 if the worker throws, or returns without a call of {@link DaemonContext#ready()}; the failure is reported before.
     * The application must then end the JVM, as {@link #launch} does.
     *
     * @param args the arguments of {@code main}
     * @param worker what the daemon does
     */
    public int run(String[] args, DaemonApplication worker) {
        return DaemonMain.perform(config, args, worker);
    }

    /**
     * Starts a program as this daemon, and waits until it is ready.
     *
     * @param program what to start
     * @param readiness how it is known to be ready
     * @throws IllegalCallerException if native access is denied to this module
     * @throws UnsupportedOperationException if this platform is not supported
     */
    public StartResult start(Program program, Readiness readiness) {
        return Start.run(config, program, readiness);
    }

    /**
     * Starts this application as this daemon, and waits until it is ready: the same JVM with the same command line,
     * but with these as the application's own arguments. Its {@code main} must call {@link #launch} or
     * {@link #run}. In the daemon, the first argument of {@code main} is {@code start}.
     *
     * @param args its arguments, without the verb
     * @throws IllegalStateException if this is the daemon already
     */
    public StartResult start(String... args) {
        return CurrentJvm.start(config, arguments(args));
    }

    private static List<CString> arguments(String... args) {
        List<CString> arguments = new ArrayList<>(List.of(CString.of("start")));
        arguments.addAll(CString.listOf(args));
        return arguments;
    }

    /**
     * Restarts a program as this daemon: stops the daemon if it runs, and starts the program. A start that would fail, as far
     * as {@link #preflight(Program, Readiness)} sees it, stops nothing.
     *
     * @param program what to start
     * @param readiness how it is known to be ready
     */
    public RestartResult restart(Program program, Readiness readiness) {
        return restart(program, readiness, _ -> {
        });
    }

    /**
     * The same, with a listener.
     *
     * @param listener receives the result of the stop, before the start
     */
    public RestartResult restart(Program program, Readiness readiness, Consumer<StopResult> listener) {
        return Restart.run(config, program, readiness, listener);
    }

    /**
     * Restarts this application as this daemon, as {@link #start(String...)} starts it.
     *
     * @param args its arguments, without the verb
     * @throws IllegalStateException if this is the daemon already
     */
    public RestartResult restart(String... args) {
        return CurrentJvm.restart(config, arguments(args));
    }

    /** Returns the steps of a start with {@link Readiness#handshake}. No step is taken. */
    public List<DaemonSteps.PlannedStep> plan() {
        return plan(Readiness.handshake());
    }

    /** Returns the steps of a start with this readiness. No step is taken. */
    public List<DaemonSteps.PlannedStep> plan(Readiness readiness) {
        return StartPlan.of(config).planned(readiness).plan();
    }

    /**
     * Takes all steps of a start of this program, shows each to the {@linkplain #onStep listener}, and undoes them: the process is
     * killed in place of EXEC, and the pid file is removed. The logs, and the directories of default files, stay. A failure that
     * only EXEC would report is not seen.
     *
     * @return the result that the start would have: why it would fail, or that the daemon runs; empty if all steps succeed
     */
    public Optional<StartResult> dryRun(Program program, Readiness readiness) {
        return Start.dryRun(config, program, readiness);
    }

    /**
     * Why a start would fail, whatever the program is: {@link #preflight(Program, Readiness)} without the check of the
     * program.
     */
    public Optional<StartResult> preflight() {
        return DryRun.refusal(config, null, Readiness.aliveAfter());
    }

    /**
     * Why a start of this program would fail, as far as that is seen before the program is executed; empty if nothing is in
     * the way, or nothing but this daemon, which runs. A process takes all the steps of the start and is let go: no pid file
     * is touched and nothing is executed. The logs, and the folders of default files, are made as by a start; the {@linkplain
     * #onStep listener} is not shown these steps.
     *
     * <p>What only execve(2) tells is not seen: that the file is of no format that the kernel knows, that it is open for
     * writing, that arguments are too long.
     *
     * @param program what is to be started
     * @param readiness how it is to be known to be ready
     */
    public Optional<StartResult> preflight(Program program, Readiness readiness) {
        return DryRun.refusal(config, program, readiness);
    }

    /** Returns whether the daemon runs. */
    public Status status() {
        return new DaemonController(config).status();
    }

    /**
     * Stops it by its {@linkplain #stopSignal stop signal}, and after the {@linkplain #stopTimeout timeout} by SIGKILL. A
     * process that was stopped by SIGSTOP is continued by SIGCONT, so that it sees the signal. The {@linkplain #killMode
     * kill mode} says what becomes of the rest of its process group. The daemon has ended when this returns a {@link
     * StopResult.Stopped}. No other process is ever signalled.
     *
     * <p>A process that it started may have left its group, and hold its lock. The result names it, and the pid file stays
     * then, so that no other daemon is started beside it.
     */
    public StopResult stop() {
        return new DaemonController(config).stop();
    }

    /**
     * Asks it to reload, by SIGHUP or its {@linkplain #reloadSignal reload signal}. That is refused if the daemon does not
     * catch the signal and would die of it, if it ignores the signal, or if it is stopped and would not see it. A daemon
     * that catches the signal and ends all the same, as a JVM that does not use this library does, is watched for half
     * a second: the result is {@link ReloadResult.Ended} then.
     */
    public ReloadResult reload() {
        return new DaemonController(config).reload();
    }

    /** Returns the name of the daemon. */
    public String name() {
        return config.name();
    }
}
