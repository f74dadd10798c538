package io.github.daemonsteps.daemon.config;

import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.daemon.Daemon;
import io.github.daemonsteps.daemon.KillMode;
import io.github.daemonsteps.daemon.files.FileRefusedException;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.CallInterceptor;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.process.UserIdentity;
import io.github.daemonsteps.steps.Step;
import io.github.daemonsteps.steps.StepReport;
import io.github.daemonsteps.steps.extra.ListenSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a daemon. The classes that start, query and stop a daemon depend on this class, and
 * not on {@link Daemon}.
 *
 * @param name the daemon's name
 * @param ownPidFile the path of the pid file; null: the default
 * @param ownLog the path of the log; null: the default
 * @param ownErrorLog the path of the log of standard error; null: the log
 * @param directory the working directory
 * @param umask the file mode creation mask
 * @param kept the descriptors of the launcher that the daemon inherits
 * @param variables added variables of the environment, each {@code NAME=value}
 * @param jvmOptions options for the daemon's JVM, in an application that starts itself
 * @param launcherOptions options of the command line that only the launcher's JVM has
 * @param startTimeout how long a start may take
 * @param stopTimeout how long the daemon may take to exit after the stop signal
 * @param stopSignal the signal of a stop
 * @param reloadSignal the signal of a reload
 * @param killMode the processes that a stop signals
 * @param exclusive whether a start fails if the daemon runs already
 * @param sameCommand whether a start fails if another command runs under the pid file
 * @param foregroundPidFile whether a run in the foreground acquires the pid file
 * @param isApplication whether this JVM runs the application itself, with a subcommand
 * @param mainProcess whether the launcher tells its supervisor that the daemon is the main process
 * @param openFiles the soft limit of open descriptors; null: that of the launcher
 * @param user the daemon's user, {@code NAME[:GROUP]}; null: that of the launcher
 * @param steps the steps that the caller has added
 * @param sockets the listening sockets that the daemon inherits
 * @param socketOnStdin whether the one socket becomes descriptor 0 too
 * @param keepEnvironment whether a daemon with a user of its own inherits the whole environment
 * @param noNewPrivileges whether the daemon has no_new_privs
 * @param noCoreDumps whether the daemon leaves no core file
 * @param starter the user who has started the daemon; null: the user of this process
 * @param observer receives the reports of the steps of a start; null for none
 * @param callTimeout how long a call in the forked process may take; null for the default
 * @param interceptor is asked about each call of the C library; null for none
 */
public record DaemonConfig(String name, @Nullable CString ownPidFile, @Nullable CString ownLog,
        @Nullable CString ownErrorLog, CString directory, FileMode umask, SortedSet<Integer> kept,
        List<CString> variables, List<CString> jvmOptions, List<CString> launcherOptions,
        Duration startTimeout, Duration stopTimeout,
        Signal stopSignal, Signal reloadSignal, KillMode killMode, boolean exclusive, boolean sameCommand,
        boolean foregroundPidFile, boolean isApplication, boolean mainProcess, @Nullable Long openFiles,
        @Nullable CString user, List<Step> steps, List<ListenSocket> sockets, boolean socketOnStdin,
        boolean keepEnvironment, boolean noNewPrivileges, boolean noCoreDumps,
        @Nullable Long starter, @Nullable Consumer<StepReport> observer, @Nullable Duration callTimeout,
        @Nullable CallInterceptor interceptor) {

    public static final CString DEFAULT_DIRECTORY = CString.of("/");
    public static final FileMode DEFAULT_UMASK = FileMode.of(0027);
    public static final Duration DEFAULT_STOP_TIMEOUT = Duration.ofSeconds(30);

    /** Keeps unmodifiable copies of the collections. */
    public DaemonConfig {
        kept = Collections.unmodifiableSortedSet(new TreeSet<>(kept));
        variables = List.copyOf(variables);
        jvmOptions = List.copyOf(jvmOptions);
        launcherOptions = List.copyOf(launcherOptions);
        steps = List.copyOf(steps);
        sockets = List.copyOf(sockets);
    }

    /** Returns a configuration with the defaults. */
    public static DaemonConfig of(String name) {
        return new Draft(name).config();
    }

    /** Returns a draft with the values of this configuration. */
    public Draft draft() {
        return new Draft(this);
    }

    /**
     * Looks up the daemon's user.
     *
     * @return the user; null if the daemon keeps the user who starts it
     * @throws IllegalArgumentException if the user does not exist
     */
    @Nullable
    public UserIdentity identity() {
        return user == null ? null : UserIdentity.of(user);
    }

    /** Returns whether sockets are configured, or descriptor 0 as a socket. */
    public boolean hasSockets() {
        return !sockets.isEmpty() || socketOnStdin;
    }

    /**
     * Checks that exactly one socket is configured, the one that becomes descriptor 0.
     *
     * @throws IllegalArgumentException if another number of sockets is configured
     */
    public static void requireOneSocket(List<ListenSocket> sockets) {
        if (sockets.size() != 1) {
            throw new IllegalArgumentException("descriptor 0 cannot be a socket: " + sockets.size()
                    + " sockets are configured; configure exactly one");
        }
    }

    /** Passes a report to the observer, if there is one. */
    public void observe(StepReport report) {
        if (observer != null) {
            observer.accept(report);
        }
    }

    /** Returns the C library. */
    public NativePosix posix() {
        return interceptor == null ? NativePosix.get() : NativePosix.intercepted(interceptor);
    }

    /** Returns the steps of a start with the settings of their calls, ready to be taken. */
    public DaemonSteps prepared(DaemonSteps steps) {
        DaemonSteps limited = callTimeout == null ? steps : steps.callTimeout(callTimeout);
        return interceptor == null ? limited : limited.interceptCalls(interceptor);
    }

    /**
     * Returns the path of the pid file.
     *
     * @throws IllegalStateException if none is configured, and the environment names no home directory for a
     *        default
     */
    public CString pidFile() {
        return ownPidFile == null ? defaultFiles().pidFile() : ownPidFile;
    }

    /**
     * Returns the path of the log.
     *
     * @throws IllegalStateException if none is configured, and the environment names no home directory for a
     *        default
     */
    public CString log() {
        return ownLog == null ? defaultFiles().log() : ownLog;
    }

    /** Returns the path of the log of standard error. */
    public CString errorLog() {
        return ownErrorLog == null ? log() : ownErrorLog;
    }

    private DefaultPaths defaultFiles() {
        long user = starter == null ? posix().getuid() : starter;
        return new DefaultPaths(name, user == 0, Environment.inherited(), new FileChoice(isApplication));
    }

    /** Creates the directories of default files. Only the user has access to them. */
    public void makeDefaultDirectories(NativePosix posix) throws FileRefusedException {
        if (ownPidFile == null) {
            DefaultPaths.makeDirectoryOf(pidFile(), posix);
        }
        if (ownLog == null) {
            DefaultPaths.makeDirectoryOf(log(), posix);
        }
    }

    /** A configuration that can be changed, with the defaults at first. */
    public static final class Draft {

        private final String name;
        @Nullable
        public CString ownPidFile;
        @Nullable
        public CString ownLog;
        @Nullable
        public CString ownErrorLog;
        public CString directory = DEFAULT_DIRECTORY;
        public FileMode umask = DEFAULT_UMASK;
        public SortedSet<Integer> kept = new TreeSet<>();
        public List<CString> variables = new ArrayList<>();
        public List<CString> jvmOptions = new ArrayList<>();
        public List<CString> launcherOptions = new ArrayList<>();
        public Duration startTimeout = Duration.ofSeconds(60);
        public Duration stopTimeout = DEFAULT_STOP_TIMEOUT;
        public Signal stopSignal = Signal.SIGTERM;
        public Signal reloadSignal = Signal.SIGHUP;
        public KillMode killMode = KillMode.MIXED;
        public boolean exclusive;
        public boolean sameCommand;
        public boolean foregroundPidFile = true;
        public boolean isApplication;
        public boolean mainProcess;
        @Nullable
        public Long openFiles;
        @Nullable
        public CString user;
        public List<Step> steps = new ArrayList<>();
        public List<ListenSocket> sockets = new ArrayList<>();
        public boolean socketOnStdin;
        public boolean keepEnvironment;
        public boolean noNewPrivileges;
        public boolean noCoreDumps;
        @Nullable
        public Long starter;
        @Nullable
        public Consumer<StepReport> observer;
        @Nullable
        public Duration callTimeout;
        @Nullable
        public CallInterceptor interceptor;

        private Draft(String name) {
            this.name = name;
        }

        private Draft(DaemonConfig config) {
            this.name = config.name;
            this.ownPidFile = config.ownPidFile;
            this.ownLog = config.ownLog;
            this.ownErrorLog = config.ownErrorLog;
            this.directory = config.directory;
            this.umask = config.umask;
            this.kept = new TreeSet<>(config.kept);
            this.variables = new ArrayList<>(config.variables);
            this.jvmOptions = new ArrayList<>(config.jvmOptions);
            this.launcherOptions = new ArrayList<>(config.launcherOptions);
            this.startTimeout = config.startTimeout;
            this.stopTimeout = config.stopTimeout;
            this.stopSignal = config.stopSignal;
            this.reloadSignal = config.reloadSignal;
            this.killMode = config.killMode;
            this.exclusive = config.exclusive;
            this.sameCommand = config.sameCommand;
            this.foregroundPidFile = config.foregroundPidFile;
            this.isApplication = config.isApplication;
            this.mainProcess = config.mainProcess;
            this.openFiles = config.openFiles;
            this.user = config.user;
            this.steps = new ArrayList<>(config.steps);
            this.sockets = new ArrayList<>(config.sockets);
            this.socketOnStdin = config.socketOnStdin;
            this.keepEnvironment = config.keepEnvironment;
            this.noNewPrivileges = config.noNewPrivileges;
            this.noCoreDumps = config.noCoreDumps;
            this.starter = config.starter;
            this.observer = config.observer;
            this.callTimeout = config.callTimeout;
            this.interceptor = config.interceptor;
        }

        /** Returns the configuration with the present values. */
        public DaemonConfig config() {
            return new DaemonConfig(name, ownPidFile, ownLog, ownErrorLog, directory, umask, kept, variables,
                    jvmOptions, launcherOptions, startTimeout, stopTimeout, stopSignal, reloadSignal,
                    killMode, exclusive,
                    sameCommand, foregroundPidFile, isApplication, mainProcess, openFiles, user, steps,
                    sockets, socketOnStdin, keepEnvironment, noNewPrivileges, noCoreDumps, starter, observer,
                    callTimeout,
                    interceptor);
        }
    }
}
