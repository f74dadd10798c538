package io.github.daemonsteps.cli;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The options of the command. */
enum Option {
    NAME("NAME", "the name of the daemon (default: the base name of COMMAND or pid file)"),
    PID_FILE("FILE", "the file with the process id and the lock (default: see below)"),
    LOG("FILE", "append the output of the daemon to this file (default: see below)"),
    ERROR_LOG("FILE", "append standard error to this file, and not to the log"),
    CHDIR("DIR", "the working directory of the program (default: /)"),
    UMASK("OCTAL", "the file mode creation mask (default: 0027; plan, trace without COMMAND: 0)"),
    KEEP_FD("N", "leave descriptor N open; may be given more than once"),
    LISTEN("[NAME=]ADDRESS", "bind a socket for the program; may be given more than once"),
    LISTEN_STDIN(null, "make the one socket of --listen descriptor 0 too"),
    ENV("NAME=VALUE", "set a variable of the environment; may be given more than once"),
    USER("NAME[:GROUP]", "run as this user and group, each a name or a number (needs root)"),
    KEEP_ENV(null, "with --user: pass on the whole environment, not only the safe variables"),
    NO_NEW_PRIVS(null, "executed programs gain no privileges: set-user-ID bits have no effect"),
    NO_CORE(null, "leave no core file"),
    READY("HOW", "ready when: exec (alive after 200 ms, the default), exec:5s, fd:N (newline)"),
    TIMEOUT("DURATION", "the time limit, as in 500ms, 2s, 1m (start: 60s; stop: 30s, then SIGKILL)"),
    SIGNAL("SIGNAL", "stop or reload by this signal, as in TERM or 15 (default: TERM; reload: HUP)"),
    KILL_MODE("MODE", "processes to stop: process, group, or mixed (process, then group; default)"),
    EXCLUSIVE(null, "fail if the daemon runs already"),
    SOCKET(null, "print the units of the sockets of --listen, and not the service"),
    JSON(null, "print JSON"),
    QUIET(null, "print nothing on success"),
    STOP(null, "stop the web server of demo"),
    HELP(null, "print this help; -h and the word help do the same"),
    VERSION(null, "print the version");

    private final @Nullable String value;
    private final String help;

    Option(@Nullable String value, String help) {
        this.value = value;
        this.help = help;
    }

    /** Returns the option as the caller writes it. */
    String flag() {
        return "--" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Returns the name of its value in the help, or null if the option has none. */
    @Nullable
    String value() {
        return value;
    }

    /** Returns whether the option may be given more than once. */
    boolean isRepeated() {
        return this == KEEP_FD || this == LISTEN || this == ENV || this == HELP || this == VERSION;
    }

    /** Returns the option as in the help: {@code --chdir DIR}. */
    String usage() {
        return value == null ? flag() : flag() + " " + value;
    }

    /** Returns the purpose of the option, in a line. */
    String help() {
        return help;
    }
}
