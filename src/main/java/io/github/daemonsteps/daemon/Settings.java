package io.github.daemonsteps.daemon;

import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.Step;
import io.github.daemonsteps.StepReport;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.NativePosix;
import io.github.daemonsteps.posix.Signal;
import java.time.Duration;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Daemon} is told. A daemon has settings of its own: they are filled before anybody else sees them, and
 * never change afterwards.
 */
final class Settings {

    /** Null: the default. */
    @Nullable
    CString pidFile;

    /** Null: the default. */
    @Nullable
    CString log;

    /** Null: the log. */
    @Nullable
    CString errorLog;

    CString directory = Daemon.DEFAULT_DIRECTORY;
    FileMode umask = Daemon.DEFAULT_UMASK;
    SortedSet<Integer> kept = new TreeSet<>();
    List<CString> variables = List.of();
    List<CString> jvmOptions = List.of();
    Duration startTimeout = Duration.ofSeconds(60);
    Duration stopTimeout = Duration.ofSeconds(30);
    Signal stopSignal = Signal.SIGTERM;
    Signal reloadSignal = Signal.SIGHUP;
    KillMode killMode = KillMode.MIXED;
    boolean exclusive;

    /** Whether a start fails if another command runs under the pid file. */
    boolean sameCommand;

    /** Whether a run in the foreground takes the pid file. */
    boolean foregroundPidFile = true;

    /** Whether this JVM runs the application itself, with a verb. */
    boolean isApplication;

    /** Null: as the launcher has it. */
    @Nullable
    Long openFiles;

    /** {@code NAME[:GROUP]}; null: who starts. */
    @Nullable
    CString user;

    /** The user's own. */
    List<Step> steps = List.of();

    boolean keepEnvironment;
    boolean noNewPrivileges;
    boolean noCoreDumps;

    /** The user who has started it; null: the one who asks. */
    @Nullable
    Long starter;

    Consumer<StepReport> observer = report -> {
    };

    /** The C library. */
    Supplier<NativePosix> posix = NativePosix::get;

    /** How the steps are begun. */
    Function<DaemonSteps, DaemonRun> begin = DaemonSteps::start;

    Settings() {
    }

    Settings(Settings other) {
        this.pidFile = other.pidFile;
        this.log = other.log;
        this.errorLog = other.errorLog;
        this.directory = other.directory;
        this.umask = other.umask;
        this.kept = other.kept;
        this.variables = other.variables;
        this.jvmOptions = other.jvmOptions;
        this.startTimeout = other.startTimeout;
        this.stopTimeout = other.stopTimeout;
        this.stopSignal = other.stopSignal;
        this.reloadSignal = other.reloadSignal;
        this.killMode = other.killMode;
        this.exclusive = other.exclusive;
        this.sameCommand = other.sameCommand;
        this.foregroundPidFile = other.foregroundPidFile;
        this.isApplication = other.isApplication;
        this.openFiles = other.openFiles;
        this.user = other.user;
        this.steps = other.steps;
        this.keepEnvironment = other.keepEnvironment;
        this.noNewPrivileges = other.noNewPrivileges;
        this.noCoreDumps = other.noCoreDumps;
        this.starter = other.starter;
        this.observer = other.observer;
        this.posix = other.posix;
        this.begin = other.begin;
    }
}
