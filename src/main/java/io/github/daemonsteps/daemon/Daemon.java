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
import io.github.daemonsteps.daemon.unit.LogrotateFile;
import io.github.daemonsteps.daemon.unit.ServiceFile;
import io.github.daemonsteps.daemon.unit.SocketUnits;
import io.github.daemonsteps.ffm.Platform;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.CallInterceptor;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.posix.StandardDescriptors;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.process.UserIdentity;
import io.github.daemonsteps.procfs.ProcLink;
import io.github.daemonsteps.steps.SetUmask;
import io.github.daemonsteps.steps.Step;
import io.github.daemonsteps.steps.StepReport;
import io.github.daemonsteps.steps.extra.ListenSocket;
import io.github.daemonsteps.text.TerminalSafe;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A daemon: its name, its files, and the operations on it. An object is immutable; each method that changes
 * something returns a new object.
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
 * <p>A program can also start, stop and query a daemon without {@link #launch}, and gets the results as
 * records. A path must be absolute: a daemon runs in another directory than its launcher.
 *
 * <p>By default the directory is {@code /} and the umask 027. The default files of root are
 * {@code /run/NAME.pid} and {@code /var/log/NAME.log}. Those of another user are
 * {@code ~/.local/state/NAME/NAME.pid} and {@code ~/.local/state/NAME/NAME.log}. Beside a pid file lies its
 * record, {@code NAME.pid.record}.
 */
public final class Daemon {

    /** The default directory of a daemon: {@code /}. */
    public static final CString DEFAULT_DIRECTORY = DaemonConfig.DEFAULT_DIRECTORY;

    /** The default umask of a daemon: 027. */
    public static final FileMode DEFAULT_UMASK = DaemonConfig.DEFAULT_UMASK;

    private static final int MAX_NAME_LENGTH = 100;

    private final DaemonConfig config;

    Daemon(DaemonConfig config) {
        this.config = config;
    }

    DaemonConfig config() {
        return config;
    }

    /**
     * Returns a daemon of this name, with defaults for all else. A name must not be empty, or longer than 100
     * characters. A name must not contain a slash or a control character, or begin with a dot or a hyphen.
     *
     * @param name the name, which is part of the names of the default files
     * @return the daemon
     * @throws IllegalArgumentException if the name is not valid
     */
    public static Daemon named(String name) {
        boolean valid = !name.isEmpty() && name.length() <= MAX_NAME_LENGTH && !name.startsWith(".")
                && !name.startsWith("-") && isFileName(name);
        if (!valid) {
            throw new IllegalArgumentException(
                    "daemon name " + CString.of(name).quoted() + ": invalid; give 1 to "
                            + MAX_NAME_LENGTH
                            + " characters, no slash, no control character, no dot or hyphen first");
        }
        return new Daemon(DaemonConfig.of(name));
    }

    private static boolean isFileName(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '/' || Character.isISOControl(c)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Keeps the process id, and the lock, in this file.
     *
     * @param file an absolute path
     */
    public Daemon pidFile(Path file) {
        return pidFile(CString.of(file));
    }

    /**
     * Keeps the process id, and the lock, in the file whose path has these bytes.
     *
     * @param file an absolute path
     */
    public Daemon pidFile(CString file) {
        DaemonConfig.Draft draft = config.draft();
        draft.ownPidFile = file.requireAbsolutePath("pid file");
        return new Daemon(draft.config());
    }

    /**
     * Appends standard output and standard error to this file. {@code /dev/null} and {@code /dev/console} are
     * allowed too.
     *
     * @param file an absolute path
     */
    public Daemon log(Path file) {
        return log(CString.of(file));
    }

    /**
     * Appends standard output and standard error to the file whose path has these bytes: see
     * {@link #log(Path)}.
     *
     * @param file an absolute path
     */
    public Daemon log(CString file) {
        DaemonConfig.Draft draft = config.draft();
        draft.ownLog = file.requireAbsolutePath("log");
        return new Daemon(draft.config());
    }

    /**
     * Appends standard error to a file of its own.
     *
     * @param file an absolute path
     */
    public Daemon errorLog(Path file) {
        return errorLog(CString.of(file));
    }

    /**
     * Appends standard error to a file of its own, whose path has these bytes.
     *
     * @param file an absolute path
     */
    public Daemon errorLog(CString file) {
        DaemonConfig.Draft draft = config.draft();
        draft.ownErrorLog = file.requireAbsolutePath("error log");
        return new Daemon(draft.config());
    }

    /**
     * Runs in this directory.
     *
     * @param directory an absolute path
     */
    public Daemon workingDirectory(Path directory) {
        return workingDirectory(CString.of(directory));
    }

    /**
     * Runs in the directory whose path has these bytes.
     *
     * @param directory an absolute path
     */
    public Daemon workingDirectory(CString directory) {
        DaemonConfig.Draft draft = config.draft();
        draft.directory = directory.requireAbsolutePath("working directory");
        return new Daemon(draft.config());
    }

    /**
     * Makes the daemon run in the current directory of this process, and not in {@code /}. As long as the
     * daemon runs, the file system of that directory cannot be unmounted.
     *
     * @throws IllegalStateException if the directory was removed
     */
    public Daemon keepWorkingDirectory() {
        if (Platform.unsupported() != null) { // only a run in the foreground works here
            return workingDirectory(Path.of("").toAbsolutePath());
        }
        ProcLink here = ProcLink.workingDirectory(config.posix());
        if (here.isRemoved()) {
            throw new IllegalStateException(
                    "the current directory, " + here.path().quoted() + ", was removed");
        }
        return workingDirectory(here.path());
    }

    /**
     * Sets the file mode creation mask.
     *
     * @param mask the mask
     * @throws IllegalArgumentException if the mask is above 0777
     */
    public Daemon umask(FileMode mask) {
        var _ = new SetUmask(mask); // rejects a wrong mask
        DaemonConfig.Draft draft = config.draft();
        draft.umask = mask;
        return new Daemon(draft.config());
    }

    /**
     * Lets the daemon inherit these descriptors, and those of earlier calls. The launcher must have inherited
     * them itself.
     *
     * @param fds the descriptors
     * @throws IllegalArgumentException if a descriptor is not above 2
     */
    public Daemon keepOpen(int... fds) {
        DaemonConfig.Draft draft = config.draft();
        for (int fd : fds) {
            if (StandardDescriptors.contains(fd)) {
                throw new IllegalArgumentException("only descriptors above 2 can be kept, not " + fd);
            }
            draft.kept.add(fd);
        }
        return new Daemon(draft.config());
    }

    /**
     * Adds a listening socket, bound before the daemon gives up root: see {@link ListenSocket#parse(String)}
     * for the form of the text, such as {@code 0.0.0.0:80} or {@code http=[::]:8080}.
     *
     * <p>The daemon inherits its sockets by the protocol of sd_listen_fds(3), as descriptors 3, 4, and so on,
     * with {@code LISTEN_FDS}, {@code LISTEN_PID} and {@code LISTEN_FDNAMES}. Sockets that a supervisor has
     * passed to the launcher come first. A socket is not bound if one of them has its name or its address.
     * {@link DaemonContext#sockets()} returns all of them.
     *
     * <p>The file of a Unix socket stays after the daemon's end. The next start replaces the file if no
     * process listens on it.
     *
     * <p>A restart keeps the sockets open, so that no connection is refused meanwhile. The user must be root,
     * or permitted to trace the daemon; see pidfd_getfd(2). A socket that the user may not duplicate is bound
     * again. A socket of port 0 is also bound again, and gets another port.
     *
     * @param socket the text
     * @throws IllegalArgumentException if the text has another form
     */
    public Daemon listen(String socket) {
        return listen(ListenSocket.parse(socket));
    }

    /**
     * Adds a listening socket: see {@link #listen(String)}.
     *
     * @param socket the socket
     */
    public Daemon listen(ListenSocket socket) {
        DaemonConfig.Draft draft = config.draft();
        draft.sockets.add(socket);
        return new Daemon(draft.config());
    }

    /**
     * Makes the one socket of {@link #listen(String)} descriptor 0 too, for
     * {@link System#inheritedChannel()}. The servers Jetty and Tomcat can take that channel. The socket is
     * also among those of {@link DaemonContext#sockets()}. A start fails unless exactly one socket is
     * configured.
     */
    public Daemon listenOnStdin() {
        DaemonConfig.Draft draft = config.draft();
        draft.socketOnStdin = true;
        return new Daemon(draft.config());
    }

    /**
     * Adds a variable to the daemon's environment, besides those of the launcher.
     *
     * @param variable the name
     * @param value the value
     */
    public Daemon environment(String variable, String value) {
        return environment(CString.of(variable + "=" + value));
    }

    /**
     * Adds a variable to the daemon's environment, as bytes.
     *
     * @param variable the variable, {@code NAME=value}
     * @throws IllegalArgumentException if the variable is not of that form
     */
    public Daemon environment(CString variable) {
        new Environment(List.of()).with(variable); // rejects a wrong form
        DaemonConfig.Draft draft = config.draft();
        draft.variables.add(variable);
        return new Daemon(draft.config());
    }

    /**
     * Adds options to the daemon's JVM, and not to the launcher's, if the application starts itself by
     * {@link #start(String...)}. Use them for settings that two JVMs cannot share, such as a debugger's port.
     *
     * @param options options of the java launcher
     */
    public Daemon jvmOptions(String... options) {
        DaemonConfig.Draft draft = config.draft();
        draft.jvmOptions.addAll(CString.listOf(options));
        return new Daemon(draft.config());
    }

    /**
     * Names options that only the launcher's JVM has. If the command line of the launcher has an option that
     * equals one of these, the daemon's JVM does not get it. An option that the command line does not have is
     * not added. Use this for options that make the short-lived launcher faster or smaller, but would
     * slow down the daemon, such as {@code -XX:TieredStopAtLevel=1}.
     *
     * @param options options of the java launcher, each as one argument of the command line
     * @throws IllegalArgumentException if an argument does not begin with a hyphen
     */
    public Daemon launcherOptions(String... options) {
        for (String option : options) {
            if (!option.startsWith("-")) {
                throw new IllegalArgumentException("launcher option \"" + TerminalSafe.line(option)
                        + "\": not an option; give an argument that begins with -");
            }
        }
        DaemonConfig.Draft draft = config.draft();
        draft.launcherOptions.addAll(CString.listOf(options));
        return new Daemon(draft.config());
    }

    /**
     * Sets how long the daemon may take to become ready, by default 60 s. The daemon can ask for more.
     *
     * @param timeout the time, more than zero
     */
    public Daemon startTimeout(Duration timeout) {
        DaemonConfig.Draft draft = config.draft();
        draft.startTimeout = positive(timeout);
        return new Daemon(draft.config());
    }

    /**
     * Sets how long the daemon may take to exit after the {@linkplain #stopSignal stop signal}, by default 30
     * s. Then the daemon gets SIGKILL. Its own {@link DaemonContext#onStop} actions have five sixths of that
     * time.
     *
     * @param timeout the time, more than zero
     */
    public Daemon stopTimeout(Duration timeout) {
        DaemonConfig.Draft draft = config.draft();
        draft.stopTimeout = positive(timeout);
        return new Daemon(draft.config());
    }

    /**
     * Stops the daemon by this signal instead of SIGTERM. Use it for a program with another signal for a
     * graceful stop, such as SIGQUIT for nginx. An application that calls {@link #launch} stops in order on
     * SIGTERM and SIGINT.
     *
     * @param signal the signal
     */
    public Daemon stopSignal(Signal signal) {
        DaemonConfig.Draft draft = config.draft();
        draft.stopSignal = signal;
        return new Daemon(draft.config());
    }

    /**
     * Reloads the daemon by this signal instead of SIGHUP. An application that calls {@link #launch} reloads
     * on SIGHUP alone.
     *
     * @param signal the signal
     * @throws IllegalArgumentException if the signal is SIGKILL or SIGSTOP, which a process cannot catch
     */
    public Daemon reloadSignal(Signal signal) {
        if (signal.equals(Signal.SIGKILL) || signal.equals(Signal.SIGSTOP)) {
            throw new IllegalArgumentException(
                    "reload signal " + signal + ": cannot be caught; choose another signal");
        }
        DaemonConfig.Draft draft = config.draft();
        draft.reloadSignal = signal;
        return new Daemon(draft.config());
    }

    /**
     * Selects the processes that a stop signals, by default {@link KillMode#MIXED}.
     *
     * @param mode the processes
     */
    public Daemon killMode(KillMode mode) {
        DaemonConfig.Draft draft = config.draft();
        draft.killMode = mode;
        return new Daemon(draft.config());
    }

    private static Duration positive(Duration timeout) {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("a timeout must be more than zero, not " + timeout);
        }
        return timeout;
    }

    /**
     * Fails a start if the daemon runs already. By default the start succeeds, as the Linux Standard Base
     * asks.
     */
    public Daemon failIfRunning() {
        DaemonConfig.Draft draft = config.draft();
        draft.exclusive = true;
        return new Daemon(draft.config());
    }

    /**
     * Fails a start, and refuses a restart before anything is stopped, if another command runs under the pid
     * file. Another command is another program, or the same program with other arguments. By default a start
     * reports that the daemon runs already, for any command. The setting is for default names, such as the
     * base name of a program.
     */
    public Daemon sameCommandOnly() {
        DaemonConfig.Draft draft = config.draft();
        draft.sameCommand = true;
        return new Daemon(draft.config());
    }

    /**
     * Lets a run in the foreground acquire no pid file. {@code status}, {@code stop} and
     * {@code reload} do not see such a process. A second one can be started beside it.
     *
     * <p>The setting is for an environment where a pid file cannot be created, such as a container with a
     * read-only file system. {@code run --no-pid-file} does the same.
     */
    public Daemon noPidFileInForeground() {
        DaemonConfig.Draft draft = config.draft();
        draft.foregroundPidFile = false;
        return new Daemon(draft.config());
    }

    /**
     * Lets a start tell the supervisor of this process that the daemon is the main process of the service
     * from now on: {@code MAINPID} of sd_notify(3), with {@code READY=1}. The daemon then gets
     * {@code NOTIFY_SOCKET}, and its own {@code SYSTEMD_EXEC_PID}, {@code WATCHDOG_USEC} and
     * {@code WATCHDOG_PID} if the launcher has them. Otherwise the daemon does not get {@code NOTIFY_SOCKET}.
     *
     * <p>The setting is for a program that starts a daemon and exits, as a service with {@code Type=notify}.
     * {@link #launch} and {@link #run} always use it. A program that continues after the start must not: the
     * supervisor would watch the daemon in place of that program. Without {@code NOTIFY_SOCKET}, or if
     * {@code SYSTEMD_EXEC_PID} names another process than this one, the setting has no effect. If the message
     * cannot be sent, the result of the start has a warning.
     */
    public Daemon mainProcessOfService() {
        DaemonConfig.Draft draft = config.draft();
        draft.mainProcess = true;
        return new Daemon(draft.config());
    }

    /**
     * Sets the soft limit of open descriptors for the daemon's program. HotSpot raises the launcher's limit
     * to the hard limit. A program that is not a JVM would inherit the raised limit.
     *
     * @param softLimit the limit
     * @throws IllegalArgumentException if the limit is negative
     */
    public Daemon openFileLimit(long softLimit) {
        if (softLimit < 0) {
            throw new IllegalArgumentException("a limit of open files must not be negative: " + softLimit);
        }
        DaemonConfig.Draft draft = config.draft();
        draft.openFiles = softLimit;
        return new Daemon(draft.config());
    }

    /**
     * Runs the daemon as another user; see {@link UserIdentity#of(CString)}. Only root can then start the
     * daemon. Root opens the pid file and the log before the change of the user. The daemon inherits
     * {@link UserIdentity#INHERITED_VARIABLES} and all {@code LC_} variables from root. HOME, USER, LOGNAME
     * and SHELL are those of the daemon's user. The variables added by {@link #environment} follow.
     *
     * <p>The user is looked up when the daemon is started.
     *
     * @param nameAndGroup {@code NAME[:GROUP]}, each a name or a number
     */
    public Daemon user(String nameAndGroup) {
        return user(CString.of(nameAndGroup));
    }

    /**
     * Runs the daemon as another user, given as bytes: see {@link #user(String)}.
     *
     * @param nameAndGroup {@code NAME[:GROUP]}, each a name or a number
     */
    public Daemon user(CString nameAndGroup) {
        DaemonConfig.Draft draft = config.draft();
        draft.user = nameAndGroup;
        return new Daemon(draft.config());
    }

    /**
     * Lets the daemon inherit all of root's environment in spite of another {@link #user}. HOME, USER,
     * LOGNAME and SHELL are still the user's own.
     */
    public Daemon inheritEnvironment() {
        DaemonConfig.Draft draft = config.draft();
        draft.keepEnvironment = true;
        return new Daemon(draft.config());
    }

    /**
     * Forbids new privileges. A program that the daemon executes does not get more rights, and set-user-ID
     * bits have no effect.
     */
    public Daemon noNewPrivileges() {
        DaemonConfig.Draft draft = config.draft();
        draft.noNewPrivileges = true;
        return new Daemon(draft.config());
    }

    /** Forbids core dumps: the daemon leaves no core file when it crashes. */
    public Daemon noCoreDumps() {
        DaemonConfig.Draft draft = config.draft();
        draft.noCoreDumps = true;
        return new Daemon(draft.config());
    }

    /**
     * Adds a step of your own to a start. The step is taken after the seven and before the change of the
     * user. If the step fails, the start fails.
     *
     * <p>{@link #dryRun}, {@link #preflight} and the restart of an application take the step too. Their
     * process is then killed.
     *
     * @param step the step
     */
    public Daemon addStep(Step step) {
        DaemonConfig.Draft draft = config.draft();
        draft.steps.add(step);
        return new Daemon(draft.config());
    }

    /**
     * Passes the report of each step of a start to a listener, in the launcher. A thread of the start calls
     * the listener while the caller of {@code start} waits.
     *
     * @param listener receives each report
     */
    public Daemon onStep(Consumer<StepReport> listener) {
        DaemonConfig.Draft draft = config.draft();
        draft.observer = listener;
        return new Daemon(draft.config());
    }

    /**
     * Sets how long a C function may take in the forked process of a start. After that time the process is
     * killed, and the start fails. By default {@link ForkedProcess#DEADLINE}.
     *
     * @param timeout the time, more than zero
     * @throws IllegalArgumentException if the time is not more than zero
     */
    public Daemon callTimeout(Duration timeout) {
        DaemonConfig.Draft draft = config.draft();
        draft.callTimeout = positive(timeout);
        return new Daemon(draft.config());
    }

    /**
     * Lets all calls of the C library, in this process and in the forked processes of a start, go through an
     * interceptor: for tests of failures.
     *
     * @param interceptor is asked about each call
     */
    public Daemon interceptCalls(CallInterceptor interceptor) {
        DaemonConfig.Draft draft = config.draft();
        draft.interceptor = interceptor;
        return new Daemon(draft.config());
    }

    /**
     * Executes the subcommand that the first argument names, and ends the JVM with the exit status that
     * {@link #run} returns. An application's {@code main} need call nothing else.
     *
     * @param args the arguments of {@code main}
     * @param application the application, which runs in the daemon
     */
    public void launch(String[] args, DaemonApplication application) {
        System.exit(run(args, application));
    }

    /**
     * Executes the subcommand that the first argument names, and returns the exit status. The subcommand is
     * {@code start}, {@code stop}, {@code status}, {@code restart}, {@code reload}, {@code run},
     * {@code plan} or {@code train}. The other arguments are the application's own ({@code status} takes
     * {@code --json}).
     * {@code --help}, {@code -h} and {@code help} print these subcommands. {@code --version} prints the
     * version of the application's module. Without a module, it prints the {@code Implementation-Version} of
     * the application's jar.
     *
     * <p>Without arguments the application runs in the foreground if a supervisor, such as systemd, has
     * started this process, or if this is process 1 of a pid namespace. The application then has a pid file
     * only if {@link #pidFile(Path)} names one. Otherwise a missing subcommand is a usage error.
     *
     * <p>On a platform that the library does not support, {@code run} works without native calls and without
     * a pid file. Every other subcommand that makes native calls fails.
     *
     * <p>In the launcher the exit status is the one that the Linux Standard Base defines for the result. The
     * exit status of a usage error is 2. A result goes to standard output, an error to standard error.
     *
     * <p>The application runs in the daemon alone, or for {@code run} in this JVM in the foreground. In the
     * application's JVM this method does not return while the daemon serves. A stop ends the JVM in order,
     * with status 0. The method returns 1 if the application throws, or returns without a call of
     * {@link DaemonContext#ready()}. The failure is reported before. The caller must then end the JVM, as
     * {@link #launch} does.
     *
     * @param args the arguments of {@code main}
     * @param application the application, which runs in the daemon
     * @return the exit status
     */
    public int run(String[] args, DaemonApplication application) {
        return DaemonMain.perform(config, args, application);
    }

    /**
     * Starts a program as this daemon, and waits until the daemon is ready.
     *
     * @param program the program
     * @param readiness how the daemon reports that it is ready
     * @return the result
     * @throws IllegalCallerException if native access is denied to this module
     * @throws UnsupportedOperationException if this platform is not supported
     */
    public StartResult start(Program program, Readiness readiness) {
        return Start.run(config, program, readiness);
    }

    /**
     * Starts this application as this daemon, and waits until the daemon is ready. The daemon is the same JVM
     * with the same command line, except for the application's own arguments. The application's {@code main}
     * must call {@link #launch} or {@link #run}. In the daemon, the first argument of {@code main} is
     * {@code start}.
     *
     * @param args the application's own arguments, without the subcommand
     * @return the result
     * @throws IllegalStateException if this process is the daemon already
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
     * Restarts a program as this daemon: stops the daemon if it runs, and starts the program. If
     * {@link #preflight(Program, Readiness)} finds that the start would fail, nothing is stopped.
     *
     * @param program the program
     * @param readiness how the daemon reports that it is ready
     * @return the result
     */
    public RestartResult restart(Program program, Readiness readiness) {
        return restart(program, readiness, _ -> {
        });
    }

    /**
     * Restarts a program as this daemon, and passes the result of the stop to a listener.
     *
     * @param program the program
     * @param readiness how the daemon reports that it is ready
     * @param listener receives the result of the stop, before the start
     * @return the result
     */
    public RestartResult restart(Program program, Readiness readiness, Consumer<StopResult> listener) {
        return Restart.run(config, program, readiness, listener);
    }

    /**
     * Restarts this application as this daemon, as {@link #start(String...)} starts it.
     *
     * @param args the application's own arguments, without the subcommand
     * @return the result
     * @throws IllegalStateException if this process is the daemon already
     */
    public RestartResult restart(String... args) {
        return CurrentJvm.restart(config, arguments(args));
    }

    /** Returns the steps of a start with {@link Readiness#handshake}. No step is taken. */
    public List<DaemonSteps.PlannedStep> plan() {
        return plan(Readiness.handshake());
    }

    /**
     * Returns the steps of a start with this readiness. No step is taken.
     *
     * @param readiness how the daemon reports that it is ready
     * @return the steps
     */
    public List<DaemonSteps.PlannedStep> plan(Readiness readiness) {
        return StartPlan.of(config).planned(readiness).plan();
    }

    /**
     * Takes all steps of a start of this program, passes each to the {@linkplain #onStep listener}, and rolls
     * them back. The process is killed in place of EXEC, and the pid file is removed. The logs, and the
     * directories of default files, stay. A failure that only EXEC would report is not seen.
     *
     * @param program the program
     * @param readiness how the daemon reports that it is ready
     * @return the result that the start would have: its failure, or that the daemon runs; empty if all steps
     *        succeed
     */
    public Optional<StartResult> dryRun(Program program, Readiness readiness) {
        return Start.dryRun(config, program, readiness);
    }

    /**
     * Returns why a start of any program would fail, as {@link #preflight(Program, Readiness)} does without
     * the check of the program.
     *
     * @return the failure; empty if none is found
     */
    public Optional<StartResult> preflight() {
        return DryRun.refusal(config, null, Readiness.aliveAfter());
    }

    /**
     * Returns why a start of this program would fail, as far as this is seen before the program is executed.
     * A process takes all steps of the start and is then killed. The pid file is not touched and nothing is
     * executed. The logs, and the directories of default files, are created as by a start. The
     * {@linkplain #onStep listener} does not get these steps.
     *
     * <p>A failure that only execve(2) reports is not seen. The kernel may not know the format of the file.
     * The file may be open for writing. The arguments may be too long.
     *
     * @param program the program of the start
     * @param readiness how the daemon would report that it is ready
     * @return the failure; empty if none is found; this daemon, if it runs, is not a failure
     */
    public Optional<StartResult> preflight(Program program, Readiness readiness) {
        return DryRun.refusal(config, program, readiness);
    }

    /** Returns whether the daemon runs. */
    public Status status() {
        return new DaemonController(config).status();
    }

    /**
     * Stops the daemon by its {@linkplain #stopSignal stop signal}, and after the
     * {@linkplain #stopTimeout timeout} by SIGKILL. A process that was stopped by SIGSTOP is continued by
     * SIGCONT, so that the process sees the signal. The {@linkplain #killMode kill mode} selects the other
     * processes of the group that are signalled. When the result is {@link StopResult.Stopped}, the daemon
     * has exited. No other process is ever signalled.
     *
     * <p>A process that the daemon started may have left the group, and hold the lock. The result then names
     * that process, and the pid file stays, so that no other daemon is started beside it.
     *
     * @return the result
     */
    public StopResult stop() {
        return new DaemonController(config).stop();
    }

    /**
     * Reloads the daemon by SIGHUP, or by its {@linkplain #reloadSignal reload signal}. The reload is refused
     * if the daemon would die of the signal, since it does not catch it. The reload is also refused if the
     * daemon ignores the signal, or is stopped and would not see it. A daemon may catch the signal and exit
     * all the same, as a JVM without this library does. The daemon is therefore watched for half a second.
     * The result is {@link ReloadResult.Ended} if it exits.
     *
     * @return the result
     */
    public ReloadResult reload() {
        return new DaemonController(config).reload();
    }

    /**
     * Returns a systemd unit that runs a program in the foreground as this daemon is configured. systemd
     * takes the steps of a start itself. The unit has no pid file, and writes to the journal unless a log is
     * configured. {@link #socketUnits()} returns the units of its sockets. See systemd.service(5).
     *
     * @param program the program
     * @return the text of the unit
     * @throws IllegalArgumentException if a path cannot be written in a unit, if the user does not exist, or
     *         if descriptor 0 cannot be a socket
     */
    public CString unit(Program program) {
        return ServiceFile.of(config, program);
    }

    /**
     * Returns the systemd units of the {@linkplain #listen(String) sockets} of this daemon. systemd listens
     * on them and passes them to the service of {@link #unit}. Sockets of one name, mode and owner share a
     * unit. See systemd.socket(5).
     *
     * @return the text of each unit, by the name of its file; empty if no socket is configured
     * @throws IllegalArgumentException if a port is 0, if a path cannot be written in a unit, or if a user or
     *         a group does not exist
     */
    public Map<String, CString> socketUnits() {
        return SocketUnits.of(config);
    }

    /**
     * Returns a configuration by which logrotate(8) rotates the logs of this daemon, for any program: a log
     * is copied and truncated. The subcommand {@code logrotate} of an application lets the application reopen
     * its log instead.
     *
     * @return the text of the configuration
     * @throws IllegalArgumentException if a path cannot be written there, or the user does not exist
     * @throws IllegalStateException if the daemon has no log that can be rotated
     */
    public CString logrotate() {
        return LogrotateFile.of(config, null);
    }

    /** Returns the name of the daemon. */
    public String name() {
        return config.name();
    }
}
