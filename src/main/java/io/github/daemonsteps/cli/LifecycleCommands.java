package io.github.daemonsteps.cli;

import io.github.daemonsteps.daemon.Daemon;
import io.github.daemonsteps.daemon.ExitStatus;
import io.github.daemonsteps.daemon.KillMode;
import io.github.daemonsteps.daemon.LifecycleResult;
import io.github.daemonsteps.daemon.Readiness;
import io.github.daemonsteps.daemon.Status;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.process.UserIdentity;
import io.github.daemonsteps.steps.extra.Listen;
import io.github.daemonsteps.steps.extra.ListenSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The subcommands of the daemon life cycle: {@code start}, {@code stop}, {@code status}, {@code restart},
 * {@code reload}.
 */
final class LifecycleCommands {

    private static final CString PID_SUFFIX = CString.of(".pid");

    private final Arguments arguments;
    private final boolean quiet;

    private LifecycleCommands(Arguments arguments) {
        this.arguments = arguments;
        this.quiet = arguments.has(Option.QUIET);
    }

    static int start(Arguments arguments) {
        return new LifecycleCommands(arguments).start(daemonOfCommand(arguments));
    }

    static int restart(Arguments arguments) {
        return new LifecycleCommands(arguments).restart(stopping(arguments, daemonOfCommand(arguments)));
    }

    static int stop(Arguments arguments) {
        Daemon daemon = stopping(arguments, namedDaemon(arguments));
        daemon = arguments.duration(Option.TIMEOUT).map(daemon::stopTimeout).orElse(daemon);
        return new LifecycleCommands(arguments).print(daemon.stop());
    }

    static int reload(Arguments arguments) {
        Daemon daemon = namedDaemon(arguments);
        try {
            daemon = arguments.signal(Option.SIGNAL).map(daemon::reloadSignal).orElse(daemon);
        } catch (IllegalArgumentException e) {
            throw new UsageException(Option.SIGNAL.flag() + ": " + e.getMessage());
        }
        return new LifecycleCommands(arguments).print(daemon.reload());
    }

    /** Returns the daemon with the options of a stop. */
    private static Daemon stopping(Arguments arguments, Daemon daemon) {
        Daemon signalled = arguments.signal(Option.SIGNAL).map(daemon::stopSignal).orElse(daemon);
        return arguments.value(Option.KILL_MODE).map(CString::toString).map(LifecycleCommands::killMode)
                .map(signalled::killMode).orElse(signalled);
    }

    private static KillMode killMode(String text) {
        for (KillMode mode : KillMode.values()) {
            if (mode.toString().equals(text)) {
                return mode;
            }
        }
        throw new UsageException(Option.KILL_MODE.flag() + ": unknown mode '" + text
                + "': give process, group or mixed");
    }

    static int status(Arguments arguments) {
        Status status = namedDaemon(arguments).status();
        if (arguments.has(Option.JSON)) {
            System.out.println(status.json());
            return ExitStatus.of(status);
        }
        return new LifecycleCommands(arguments).print(status);
    }

    /** Returns the daemon of a command, with all options. */
    static Daemon daemonOfCommand(Arguments arguments) {
        Daemon daemon = named(arguments.value(Option.NAME)
                .orElseGet(() -> arguments.command().getFirst().fileName())).mainProcessOfService();
        if (!arguments.has(Option.NAME) && !arguments.has(Option.PID_FILE)) {
            daemon = daemon.sameCommandOnly(); // a default name
        }
        daemon = arguments.path(Option.PID_FILE).map(daemon::pidFile).orElse(daemon);
        daemon = arguments.path(Option.LOG).map(daemon::log).orElse(daemon);
        daemon = arguments.path(Option.ERROR_LOG).map(daemon::errorLog).orElse(daemon);
        daemon = arguments.path(Option.CHDIR).map(daemon::workingDirectory).orElse(daemon);
        daemon = arguments.mode(Option.UMASK).map(daemon::umask).orElse(daemon);
        for (int fd : kept(arguments)) {
            daemon = daemon.keepOpen(fd);
        }
        for (ListenSocket socket : sockets(arguments)) {
            daemon = daemon.listen(socket);
        }
        daemon = arguments.has(Option.LISTEN_STDIN) ? daemon.listenOnStdin() : daemon;
        for (CString variable : variables(arguments)) {
            daemon = daemon.environment(variable);
        }
        if (identity(arguments).isPresent()) {
            daemon = daemon.user(arguments.value(Option.USER).orElseThrow());
        }
        daemon = arguments.has(Option.KEEP_ENV) ? daemon.inheritEnvironment() : daemon;
        daemon = arguments.has(Option.NO_NEW_PRIVS) ? daemon.noNewPrivileges() : daemon;
        daemon = arguments.has(Option.NO_CORE) ? daemon.noCoreDumps() : daemon;
        return arguments.has(Option.EXCLUSIVE) ? daemon.failIfRunning() : daemon;
    }

    /** Returns the user that {@code --user} names, if it is given. */
    static Optional<UserIdentity> identity(Arguments arguments) {
        return arguments.value(Option.USER).map(user -> {
            try {
                return UserIdentity.of(user);
            } catch (IllegalArgumentException e) {
                throw new UsageException(Option.USER.flag() + ": " + e.getMessage());
            }
        });
    }

    /** Returns the descriptors to keep. */
    static SortedSet<Integer> kept(Arguments arguments) {
        SortedSet<Integer> kept = new TreeSet<>();
        for (CString fd : arguments.values(Option.KEEP_FD)) {
            kept.add(Arguments.descriptor(Option.KEEP_FD, fd.toString()));
        }
        return kept;
    }

    /**
     * Returns the sockets of {@code --listen}. Their descriptors, from 3 on, must not have another use. Those
     * that a supervisor has passed come in addition, and are not counted here.
     */
    static List<ListenSocket> sockets(Arguments arguments) {
        List<CString> texts = arguments.values(Option.LISTEN);
        if (arguments.has(Option.LISTEN_STDIN) && texts.size() != 1) {
            throw new UsageException(Option.LISTEN_STDIN.flag() + ": needs exactly one --listen, not "
                    + texts.size());
        }
        List<ListenSocket> sockets = new ArrayList<>();
        for (CString text : texts) {
            try {
                sockets.add(ListenSocket.parse(text));
            } catch (IllegalArgumentException e) {
                throw new UsageException(Option.LISTEN.flag() + ": " + e.getMessage());
            }
        }
        if (!sockets.isEmpty()) {
            check(sockets);
        }
        int end = Listen.FIRST + sockets.size();
        for (int fd : sockets.isEmpty() ? new TreeSet<Integer>() : kept(arguments)) {
            if (fd < end) {
                throw new UsageException(Option.KEEP_FD.flag() + ": descriptor " + fd
                        + " belongs to a socket of --listen; choose " + end + " or higher");
            }
        }
        return sockets;
    }

    /** Checks that the owners exist, and that each socket has an address of its own. */
    private static void check(List<ListenSocket> sockets) {
        try {
            new Listen(sockets.toArray(ListenSocket[]::new));
        } catch (IllegalArgumentException e) {
            throw new UsageException(Option.LISTEN.flag() + ": " + e.getMessage());
        }
    }

    /** Returns the daemon that {@code --name} or {@code --pid-file} names. */
    private static Daemon namedDaemon(Arguments arguments) {
        Optional<CString> file = arguments.path(Option.PID_FILE);
        Optional<CString> name = arguments.value(Option.NAME);
        if (file.isEmpty() && name.isEmpty()) {
            throw new UsageException("no daemon given: give --name NAME or --pid-file FILE");
        }
        Daemon daemon = named(name.orElseGet(() -> withoutSuffix(file.orElseThrow().fileName())));
        return file.map(daemon::pidFile).orElse(daemon);
    }

    private static Daemon named(CString name) {
        String text = name.toString();
        if (!CString.of(text).equals(name)) {
            throw new UsageException(
                    "daemon name " + name.quoted() + ": not UTF-8; give another name with --name");
        }
        try {
            return Daemon.named(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage() + "; choose another with --name");
        }
    }

    private static CString withoutSuffix(CString file) {
        int end = file.length() - PID_SUFFIX.length();
        return end > 0 && file.from(end).equals(PID_SUFFIX) ? file.until(end) : file;
    }

    /** Returns the variables that {@code --env} adds, each {@code NAME=VALUE}. */
    static List<CString> variables(Arguments arguments) {
        for (CString variable : arguments.values(Option.ENV)) {
            if (Environment.nameOf(variable).isEmpty()) {
                throw new UsageException(
                        "--env: invalid variable " + variable.quoted() + "; give NAME=VALUE");
            }
        }
        return arguments.values(Option.ENV);
    }

    /**
     * Returns the environment of this command, or the part that a user gets, with the variables that the
     * options add.
     */
    static Environment environment(Arguments arguments, Optional<UserIdentity> identity) {
        Environment inherited = CallerEnvironment.get();
        Environment environment = identity
                .map(user -> user.environment(inherited, arguments.has(Option.KEEP_ENV))).orElse(inherited);
        for (CString variable : variables(arguments)) {
            environment = environment.with(variable);
        }
        return environment;
    }

    private int start(Daemon daemon) {
        Readiness readiness = readiness(arguments);
        Program program = program(arguments);
        Daemon timed = arguments.duration(Option.TIMEOUT).map(daemon::startTimeout).orElse(daemon);
        return print(timed.start(program, readiness));
    }

    private int restart(Daemon daemon) {
        Readiness readiness = readiness(arguments);
        Program program = program(arguments);
        // Half of the time for each: a slow stop must not use up the time of the start.
        Optional<Duration> half = arguments.duration(Option.TIMEOUT).map(all -> all.dividedBy(2));
        Daemon timed = half.map(time -> daemon.startTimeout(time).stopTimeout(time)).orElse(daemon);
        return print(timed.restart(program, readiness, this::print));
    }

    /** Returns the program that the words of the command name. */
    static Program program(Arguments arguments) {
        return ProgramFinder.find(arguments.command(), CallerEnvironment.get());
    }

    /** Returns the readiness that the options give. */
    static Readiness readiness(Arguments arguments) {
        String how = arguments.value(Option.READY).map(CString::toString).orElse("exec");
        if (how.equals("exec")) {
            return Readiness.aliveAfter();
        } else if (how.startsWith("exec:")) {
            return Readiness.aliveAfter(Arguments.duration(Option.READY, how.substring("exec:".length())));
        } else if (how.startsWith("fd:")) {
            int fd = Arguments.descriptor(Option.READY, how.substring(3));
            if (kept(arguments).contains(fd)) {
                throw new UsageException(
                        "--ready: descriptor " + fd
                                + " cannot be both kept open and the readiness descriptor");
            }
            int end = Listen.FIRST + arguments.values(Option.LISTEN).size();
            if (fd < end) {
                throw new UsageException(Option.READY.flag() + ": descriptor " + fd
                        + " belongs to a socket of --listen; choose " + end + " or higher");
            }
            return Readiness.notificationFd(fd);
        }
        throw new UsageException("--ready: unknown value '" + how + "'; give exec, exec:TIME or fd:N");
    }

    private int print(LifecycleResult answer) {
        answer.warnings().forEach(Main::warn);
        if (ExitStatus.isError(answer)) {
            Main.failed(ExitStatus.of(answer), answer.message());
            answer.details().forEach(System.err::println);
        } else if (!quiet) {
            System.out.println(answer.message());
        }
        return ExitStatus.of(answer);
    }
}
