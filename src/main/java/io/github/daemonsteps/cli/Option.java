package io.github.daemonsteps.cli;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The options of the command. */
enum Option {
    NAME("NAME", "what it is called (default: the base name of COMMAND or of the pid file)"),
    PID_FILE("FILE", "where its process id is kept, and its lock (default: see below)"),
    LOG("FILE", "append its output to this (default: see below)"),
    ERROR_LOG("FILE", "append its standard error to this, and not to the log"),
    CHDIR("DIR", "the directory it lives in (default: /)"),
    UMASK("OCTAL", "its file mode creation mask (default: 0027; trace, plan without COMMAND: 0)"),
    KEEP_FD("N", "leave descriptor N open for it; as often as you like"),
    ENV("NAME=VALUE", "a variable for its environment; as often as you like"),
    USER("NAME[:GROUP]", "the user it is, and the group, by name or number (only root may say)"),
    KEEP_ENV(null, "with --user: hand down all of the environment, not what is safe alone"),
    NO_NEW_PRIVS(null, "no program it executes is given more rights than it has"),
    NO_CORE(null, "it leaves no core file"),
    READY("HOW", "ready when: exec (lives for 200 ms, the default), exec:5s, fd:N (newline)"),
    TIMEOUT("DURATION", "at most this long: 500ms, 2s, 1m (start: 60s; stop: 30s, then SIGKILL)"),
    SIGNAL("SIGNAL", "stop or reload it by this: TERM, SIGUSR1, 15 (default: TERM; reload: HUP)"),
    KILL_MODE("MODE", "whom to stop: process, group, or mixed (it, then its group; the default)"),
    EXCLUSIVE(null, "fail if it runs already"),
    JSON(null, "write JSON"),
    QUIET(null, "say nothing of what went well"),
    STOP(null, "stop what demo has started"),
    HELP(null, "show this help; -h and the word help do the same"),
    VERSION(null, "show the version");

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
        return this == KEEP_FD || this == ENV || this == HELP || this == VERSION;
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
