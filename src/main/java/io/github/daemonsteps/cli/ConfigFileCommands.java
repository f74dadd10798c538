package io.github.daemonsteps.cli;

import io.github.daemonsteps.daemon.Daemon;
import io.github.daemonsteps.daemon.Readiness;
import io.github.daemonsteps.daemon.files.RelativePaths;
import io.github.daemonsteps.daemon.unit.SocketUnits;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.process.Program;
import java.util.Map;

/**
 * The subcommands {@code unit} and {@code logrotate}, which print configuration files for the daemon that
 * {@code start} would make with the same options.
 */
final class ConfigFileCommands {

    private ConfigFileCommands() {
    }

    static int unit(Arguments arguments) {
        Daemon daemon = LifecycleCommands.daemonOfCommand(arguments);
        daemon = arguments.duration(Option.TIMEOUT).map(daemon::startTimeout).orElse(daemon);
        if (arguments.has(Option.SOCKET)) {
            return sockets(daemon);
        }
        Program program = LifecycleCommands.program(arguments);
        CString unit;
        try {
            unit = daemon.unit(program);
        } catch (IllegalArgumentException e) {
            throw new CommandException(String.valueOf(e.getMessage()));
        }
        warn(arguments, program);
        return print(unit);
    }

    private static int sockets(Daemon daemon) {
        Map<String, CString> units;
        try {
            units = daemon.socketUnits();
        } catch (IllegalArgumentException e) {
            throw new CommandException(String.valueOf(e.getMessage()));
        }
        if (units.isEmpty()) {
            throw new UsageException(Option.SOCKET.flag() + ": no socket is configured; give one with "
                    + Option.LISTEN.flag());
        }
        return print(SocketUnits.joined(units));
    }

    /** Warns of what a start does and a unit cannot do. */
    private static void warn(Arguments arguments, Program program) {
        if (LifecycleCommands.readiness(arguments) instanceof Readiness.NotificationFd newline) {
            Main.warn(
                    Option.READY.flag() + " fd:" + newline.fd() + ": a unit does not wait for a newline, and"
                            + " descriptor " + newline.fd()
                            + " is closed; let the program call sd_notify(3), and set Type=notify");
        }
        for (int fd : LifecycleCommands.kept(arguments)) {
            Main.warn(Option.KEEP_FD.flag() + " " + fd + ": a unit does not have descriptors of this shell");
        }
        if (arguments.has(Option.KEEP_ENV)) {
            Main.warn(Option.KEEP_ENV.flag() + ": a unit does not have the environment of this shell; give"
                    + " variables with " + Option.ENV.flag());
        }
        RelativePaths.warnings(program, LifecycleCommands.variables(arguments),
                arguments.path(Option.CHDIR).orElse(Daemon.DEFAULT_DIRECTORY), NativePosix.get())
                .forEach(Main::warn);
    }

    static int logrotate(Arguments arguments) {
        try {
            return print(LifecycleCommands.daemonOfCommand(arguments).logrotate());
        } catch (IllegalArgumentException e) {
            throw new CommandException(String.valueOf(e.getMessage()));
        }
    }

    private static int print(CString text) {
        System.out.writeBytes(text.bytes());
        return 0;
    }
}
