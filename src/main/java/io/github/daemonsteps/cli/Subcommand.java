package io.github.daemonsteps.cli;

import static io.github.daemonsteps.cli.Option.CHDIR;
import static io.github.daemonsteps.cli.Option.ENV;
import static io.github.daemonsteps.cli.Option.ERROR_LOG;
import static io.github.daemonsteps.cli.Option.EXCLUSIVE;
import static io.github.daemonsteps.cli.Option.JSON;
import static io.github.daemonsteps.cli.Option.KEEP_ENV;
import static io.github.daemonsteps.cli.Option.KEEP_FD;
import static io.github.daemonsteps.cli.Option.KILL_MODE;
import static io.github.daemonsteps.cli.Option.LISTEN;
import static io.github.daemonsteps.cli.Option.LISTEN_STDIN;
import static io.github.daemonsteps.cli.Option.LOG;
import static io.github.daemonsteps.cli.Option.NAME;
import static io.github.daemonsteps.cli.Option.NO_CORE;
import static io.github.daemonsteps.cli.Option.NO_NEW_PRIVS;
import static io.github.daemonsteps.cli.Option.PID_FILE;
import static io.github.daemonsteps.cli.Option.QUIET;
import static io.github.daemonsteps.cli.Option.READY;
import static io.github.daemonsteps.cli.Option.SIGNAL;
import static io.github.daemonsteps.cli.Option.TIMEOUT;
import static io.github.daemonsteps.cli.Option.UMASK;
import static io.github.daemonsteps.cli.Option.USER;

import java.util.List;
import java.util.Locale;

/** The subcommands of the command. */
enum Subcommand {
    START("make a daemon of a program, and wait until it is ready", Operands.COMMAND, NAME, PID_FILE, LOG,
            ERROR_LOG,
            CHDIR, UMASK, KEEP_FD, LISTEN, LISTEN_STDIN, ENV, USER, KEEP_ENV, NO_NEW_PRIVS, NO_CORE, READY,
            TIMEOUT, EXCLUSIVE,
            QUIET),
    STOP("stop a daemon by SIGTERM, and after the time limit by SIGKILL", Operands.NOTHING, NAME, PID_FILE,
            TIMEOUT,
            SIGNAL, KILL_MODE, QUIET),
    STATUS("report whether a daemon runs", Operands.NOTHING, NAME, PID_FILE, JSON, QUIET),
    RESTART("stop a daemon if it runs, and start it", Operands.COMMAND, NAME, PID_FILE, LOG, ERROR_LOG, CHDIR,
            UMASK,
            KEEP_FD, LISTEN, LISTEN_STDIN, ENV, USER, KEEP_ENV, NO_NEW_PRIVS, NO_CORE, READY, TIMEOUT, SIGNAL,
            KILL_MODE, QUIET),
    RELOAD("send SIGHUP to a daemon that catches the signal", Operands.NOTHING, NAME, PID_FILE, SIGNAL,
            QUIET),
    RUN("become a program in the foreground, with the directory and umask of a daemon", Operands.COMMAND,
            CHDIR, UMASK,
            KEEP_FD, LISTEN, LISTEN_STDIN, ENV, USER, KEEP_ENV, NO_NEW_PRIVS, NO_CORE),
    NOHUP("run a program in the background with SIGHUP ignored", Operands.COMMAND,
            ENV,
            QUIET),
    UNIT("print a systemd unit that runs a program as start would", Operands.COMMAND, NAME, PID_FILE, LOG,
            ERROR_LOG,
            CHDIR, UMASK, KEEP_FD, LISTEN, LISTEN_STDIN, ENV, USER, KEEP_ENV, NO_NEW_PRIVS, NO_CORE, READY,
            TIMEOUT, EXCLUSIVE, Option.SOCKET,
            QUIET),
    LOGROTATE("print a configuration of logrotate for the log of a daemon", Operands.COMMAND, NAME, PID_FILE,
            LOG, ERROR_LOG,
            CHDIR, UMASK, KEEP_FD, LISTEN, LISTEN_STDIN, ENV, USER, KEEP_ENV, NO_NEW_PRIVS, NO_CORE, READY,
            TIMEOUT, EXCLUSIVE,
            QUIET),
    PLAN("print the calls of the seven steps, or those of a start, and make none",
            Operands.PERHAPS_COMMAND,
            JSON,
            NAME, PID_FILE, LOG, ERROR_LOG, CHDIR, UMASK, KEEP_FD, LISTEN, LISTEN_STDIN, USER, NO_NEW_PRIVS,
            NO_CORE, READY),
    TRACE("take the seven steps, or those of a start, on a forked process, print each, and kill it",
            Operands.PERHAPS_COMMAND, JSON,
            NAME, PID_FILE, LOG, ERROR_LOG, CHDIR, UMASK, KEEP_FD, LISTEN, LISTEN_STDIN, USER, NO_NEW_PRIVS,
            NO_CORE, READY),
    DEMO("make a daemon of the JDK's web server, print each step, and leave it running", Operands.NOTHING,
            Option.STOP);

    /** The options that have no effect if a subcommand may have a command and has none. */
    static final List<Option> OF_A_COMMAND =
            List.of(NAME, PID_FILE, ERROR_LOG, KEEP_FD, LISTEN, LISTEN_STDIN, USER, NO_NEW_PRIVS, NO_CORE,
                    READY);

    /** The operands after the options of a subcommand. */
    private enum Operands {
        COMMAND, PERHAPS_COMMAND, NOTHING
    }

    private final String help;
    private final Operands takes;
    private final List<Option> options;

    Subcommand(String help, Operands takes, Option... options) {
        this.help = help;
        this.takes = takes;
        this.options = List.of(options);
    }

    /** Returns the subcommand as the caller writes it. */
    String spelling() {
        return name().toLowerCase(Locale.ROOT);
    }

    String help() {
        return help;
    }

    /** Returns the options of the subcommand, besides those of every subcommand. */
    List<Option> options() {
        return options;
    }

    boolean takes(Option option) {
        return options.contains(option) || option == Option.HELP || option == Option.VERSION;
    }

    /** Returns whether a command may follow the options. */
    boolean mayHaveCommand() {
        return takes != Operands.NOTHING;
    }

    /** Returns whether a command must follow the options. */
    boolean needsCommand() {
        return takes == Operands.COMMAND;
    }

    /** Returns the usage, without the name of this command. */
    String usage() {
        return spelling() + " [OPTION...]" + switch (takes) {
            case COMMAND -> " -- COMMAND [ARG...]";
            case PERHAPS_COMMAND -> " [-- COMMAND [ARG...]]";
            case NOTHING -> "";
        };
    }

    /** Returns the names of all subcommands. */
    static String list() {
        var words = new StringBuilder();
        for (Subcommand subcommand : values()) {
            words.append(words.isEmpty() ? "" : ", ").append(subcommand.spelling());
        }
        return words.toString();
    }
}
