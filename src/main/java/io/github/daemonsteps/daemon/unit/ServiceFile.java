package io.github.daemonsteps.daemon.unit;

import io.github.daemonsteps.daemon.KillMode;
import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.daemon.files.LogFile;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Deadline;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.process.UserIdentity;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The service unit of a daemon; see systemd.service(5), systemd.exec(5) and systemd.kill(5). */
public final class ServiceFile {

    /** The hard limit of open files that systemd gives a service by default. */
    private static final long HARD_LIMIT_OF_FILES = 524_288;

    private final DaemonConfig config;
    private final @Nullable UserIdentity identity;
    private final Program program;
    private final CommandLine commandLine;
    private final ConfigText text = new ConfigText();

    private ServiceFile(DaemonConfig config, Program program) {
        this.config = config;
        this.identity = config.identity();
        this.program = program;
        // The options of a JVM in variables belong to its command line.
        var environment = new Environment(
                config.isApplication() ? new Environment(program.environment()).ofJvm() : List.of());
        for (CString variable : config.variables()) {
            environment = environment.with(variable);
        }
        this.commandLine = CommandLine.of(program, environment.variables());
    }

    /**
     * Returns the unit that runs a program as the configuration says. An application of this library reports
     * to systemd itself when it is ready. Any other program counts as ready once it is executed.
     *
     * @param program the program; of an application the command line with the subcommand {@code run}
     * @return the text of the unit
     * @throws IllegalArgumentException if a path cannot be written in a unit file, if the user does not
     *         exist, or if descriptor 0 cannot be a socket
     */
    public static CString of(DaemonConfig config, Program program) {
        return new ServiceFile(config, program).of();
    }

    /** Returns the description of a daemon. A name may end with a backslash, which would join two lines. */
    static String title(String daemon) {
        return "the daemon \"" + daemon.replace("%", "%%") + '"';
    }

    private CString of() {
        String unit = UnitName.service(config.name());
        text.line("# Save as /etc/systemd/system/" + unit + ", and then:");
        text.line("# systemctl daemon-reload && systemctl enable --now '" + unit + "'");
        text.line("[Unit]");
        text.line("Description=" + title(config.name()).replaceFirst("^t", "T"));
        text.line("After=network.target");
        text.line("");
        text.line("[Service]");
        addProcess();
        addSockets();
        addUser();
        addOutput();
        addLimits();
        text.line("");
        addSandbox();
        text.line("");
        text.line("[Install]");
        text.line("WantedBy=multi-user.target");
        return text.text();
    }

    private void addProcess() {
        if (config.isApplication()) {
            text.line("# With systemd 253 or later: Type=notify-reload, and no ExecReload=.");
            text.line("Type=notify");
            text.line("NotifyAccess=main");
            text.line("# WatchdogSec=30s");
        } else {
            text.line("# Type=notify, if the program calls sd_notify(3).");
            text.line("Type=exec");
        }
        text.setting("ExecStart", commandLine.words());
        String reload = "ExecReload=/bin/kill -" + config.reloadSignal().name().replaceFirst("^SIG", "")
                + " $MAINPID";
        if (config.isApplication()) {
            text.line(reload);
        } else {
            text.line("# If the program reads its configuration again on "
                    + config.reloadSignal().name() + ":");
            text.line("# " + reload);
        }
        if (isJava()) {
            text.line("# A stop may come before the program handles " + Signal.SIGTERM.name()
                    + ". A JVM exits with this status then.");
            text.line("SuccessExitStatus=143");
        }
        text.line("Restart=on-failure");
        text.setting("TimeoutStartSec", timeSpan(config.startTimeout()));
        text.setting("TimeoutStopSec", timeSpan(config.stopTimeout()));
        if (!config.stopSignal().equals(Signal.SIGTERM)) {
            text.setting("KillSignal", config.stopSignal().name());
        }
        text.setting("KillMode",
                config.killMode() == KillMode.GROUP ? "control-group" : config.killMode().toString());
        for (CString variable : commandLine.variables()) {
            text.setting("Environment", UnitQuoting.word(variable));
        }
    }

    private boolean isJava() {
        return program.path().fileName().equals(CString.of("java"));
    }

    private static String timeSpan(Duration time) {
        long millis = Math.max(1, Deadline.capped(time).toMillis()); // 0 means no limit
        return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
    }

    private void addSockets() {
        if (config.socketOnStdin()) {
            DaemonConfig.requireOneSocket(config.sockets());
            text.line("# systemd passes the socket as descriptor 0 alone, and without LISTEN_FDS.");
            text.line("StandardInput=socket");
        }
        for (String unit : SocketUnits.of(config).keySet()) {
            text.line("# unit --socket prints this unit.");
            text.setting("Sockets", unit);
        }
    }

    private void addUser() {
        if (identity != null) {
            text.setting("User", UserNames.user(identity));
            text.setting("Group", UserNames.group(identity));
        }
        text.setting("UMask", config.umask().toString());
        if (!config.directory().equals(DaemonConfig.DEFAULT_DIRECTORY)) {
            text.setting("WorkingDirectory", UnitQuoting.path("working directory", config.directory()));
        }
    }

    private void addOutput() {
        CString log = config.ownLog();
        if (log != null) {
            text.setting("StandardOutput", target("log", log));
        } else {
            text.line("# Without a configured log the output goes to the journal.");
            text.line("StandardOutput=journal");
        }
        CString errorLog = config.ownErrorLog();
        if (errorLog != null && (log == null || !errorLog.equals(log))) {
            text.setting("StandardError", target("error log", errorLog));
        }
    }

    private static CString target(String what, CString log) {
        return switch (log.toString()) {
            case "/dev/null" -> CString.of("null");
            case "/dev/console" -> CString.of("tty");
            default -> CString.of("append:").plus(UnitQuoting.path(what, log));
        };
    }

    private void addLimits() {
        Long files = config.openFiles();
        if (files != null) {
            text.setting("LimitNOFILE", files + ":" + Math.max(files, HARD_LIMIT_OF_FILES));
        }
        if (config.noCoreDumps()) {
            text.line("LimitCORE=0");
        }
    }

    private void addSandbox() {
        List<CString> paths = new ArrayList<>(program.arguments());
        paths.add(program.path());
        paths.add(realPath(program.path()));
        paths.add(config.directory());
        paths.addAll(commandLine.variables());
        paths.addAll(config.variables());
        List<CString> writable = new ArrayList<>();
        addDirectory(config.ownLog(), writable);
        addDirectory(config.ownErrorLog(), writable);
        paths.addAll(writable);
        new Sandbox(paths, writable, identity != null && identity.uid() != 0).addTo(text);
    }

    private static CString realPath(CString path) {
        try {
            return CString.of(path.toPath().toRealPath());
        } catch (IOException e) {
            return path; // the program may be installed later
        }
    }

    private static void addDirectory(@Nullable CString log, List<CString> directories) {
        if (log != null && !new LogFile(log).isDevice() && !directories.contains(log.parent())) {
            directories.add(log.parent());
        }
    }
}
