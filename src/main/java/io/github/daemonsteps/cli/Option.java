package io.github.daemonsteps.cli;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The options of the command. */
enum Option {
    JSON(null, "write JSON: an array with an object for each step"),
    CHDIR("DIR", "the directory of step 4 (default: /)"),
    UMASK("OCTAL", "the file mode creation mask of step 5 (default: 0000)"),
    LOG("FILE", "open 1 and 2 on this file, to append (default: /dev/null)"),
    STOP(null, "stop what demo has started"),
    HELP(null, "show this help"),
    VERSION(null, "show the version");

    private final @Nullable String value;
    private final String help;

    Option(@Nullable String value, String help) {
        this.value = value;
        this.help = help;
    }

    /** As it is typed. */
    String flag() {
        return "--" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What its value is called in the help, or null if it takes none. */
    @Nullable
    String value() {
        return value;
    }

    /** The option in the help: {@code --chdir DIR}. */
    String usage() {
        return value == null ? flag() : flag() + " " + value;
    }

    /** What it does, in half a line. */
    String help() {
        return help;
    }
}
