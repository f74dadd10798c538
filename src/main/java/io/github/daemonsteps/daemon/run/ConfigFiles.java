package io.github.daemonsteps.daemon.run;

import io.github.daemonsteps.daemon.ExitStatus;
import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.daemon.files.RelativePaths;
import io.github.daemonsteps.daemon.start.CurrentJvm;
import io.github.daemonsteps.daemon.unit.LogrotateFile;
import io.github.daemonsteps.daemon.unit.ServiceFile;
import io.github.daemonsteps.daemon.unit.SocketUnits;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.text.TerminalSafe;
import java.util.List;
import java.util.Map;

/** The subcommands of an application that print configuration files: {@code unit} and {@code logrotate}. */
final class ConfigFiles {

    /** The option to print the units of the sockets, before the application's own arguments. */
    private static final String SOCKET = "--socket";

    private ConfigFiles() {
    }

    /**
     * Prints a unit that runs the application in the foreground. The service manager keeps a single instance,
     * and the file system of the unit is read-only, so the application takes no pid file. With
     * {@code --socket} prints the units of its sockets instead.
     */
    static int unit(DaemonConfig config, List<String> rest) {
        if (!rest.isEmpty() && rest.getFirst().equals(SOCKET)) {
            return sockets(config);
        }
        Program program = CurrentJvm.withSubcommand(config, "unit", rest,
                CString.listOf("run", RunOptions.NO_PID_FILE), true);
        CString unit = ServiceFile.of(config, program);
        for (String warning : RelativePaths.warnings(program, config.variables(), config.directory(),
                config.posix())) {
            System.err.println(config.name() + ": warning: " + TerminalSafe.line(warning));
        }
        return print(unit);
    }

    private static int sockets(DaemonConfig config) {
        Map<String, CString> units = SocketUnits.of(config);
        if (units.isEmpty()) {
            System.err.println(config.name() + ": unit " + SOCKET
                    + ": no socket is configured; configure one by Daemon.listen");
            return ExitStatus.USAGE;
        }
        return print(SocketUnits.joined(units));
    }

    /** Prints a configuration of logrotate, which lets the application reopen its log. */
    static int logrotate(DaemonConfig config) {
        Program reload = CurrentJvm.withSubcommand(config, "logrotate", List.of(),
                CString.listOf("reload"), false);
        return print(LogrotateFile.of(config, reload));
    }

    private static int print(CString text) {
        System.out.writeBytes(text.bytes());
        return System.out.checkError() ? 1 : 0;
    }
}
