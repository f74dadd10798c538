package io.github.daemonsteps.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The text of {@code --help}. */
final class Help {

    private static final String DEFAULTS = """

            Default files:
            """;

    private static final String DEFAULT_PID_FILE = """
              pid file   /run/NAME.pid for root; else ~/.local/state/NAME/NAME.pid
            """;

    private static final String DEFAULT_LOG = """
              log        /var/log/NAME.log for root; else ~/.local/state/NAME/NAME.log;
                         /dev/null for plan and trace without COMMAND
            """;

    private static final String COMMAND = """
            COMMAND is searched for on the PATH if it has no slash.
            """;

    private static final String PATHS = """
            Relative paths start at the current directory.
            """;

    private static final String EXAMPLES = """

            Examples:
              daemon-steps start --name web -- \\
                  python3 -m http.server 8000 --bind 127.0.0.1 --directory /usr/share/doc
              daemon-steps status --name web
              daemon-steps stop --name web
              daemon-steps start --ready fd:3 -- sh -c 'prepare; echo >&3; exec serve'
              daemon-steps start --user www-data --no-new-privs -- serve
              daemon-steps run -- serve          (the same in the foreground: for containers)
            """;

    private static final String STATUSES = """

            Exit status:
              0  done; start: the daemon was started, or runs already
              1  failed; start --exclusive: the daemon runs already; status: dead, with a pid file
              2  usage error: unknown subcommand or option, bad value
              3  status: not running, or starting
              4  permission denied; status: unknown, or no JVM can be started
              5  the program was not found
              7  reload: not running
            """;

    private Help() {
    }

    /**
     * Returns the help of a subcommand, or of the whole command.
     *
     * @param subcommand the subcommand; null: the whole command
     * @param command the name of the command
     * @return the text
     */
    static String text(@Nullable Subcommand subcommand, String command) {
        var text = new StringBuilder();
        if (subcommand == null) {
            text.append("Usage: ").append(command)
                    .append(" SUBCOMMAND [OPTION...] [-- COMMAND [ARG...]]\n\n");
            text.append(
                    "Makes Unix daemons of programs by the classic seven steps, and controls them.\n\n");
            for (Subcommand each : Subcommand.values()) {
                line(text, each.spelling(), each.help());
            }
            text.append("\nOptions; SUBCOMMAND --help lists those of a subcommand:\n");
            options(text, List.of(Option.values()));
            notes(text, true, true, true);
            text.append(EXAMPLES.replace("daemon-steps ", command + " "));
        } else {
            text.append("Usage: ").append(command).append(' ').append(subcommand.usage()).append("\n\n");
            text.append(Character.toUpperCase(subcommand.help().charAt(0)))
                    .append(subcommand.help().substring(1))
                    .append(".\n\n");
            options(text, subcommand.options());
            options(text, List.of(Option.HELP, Option.VERSION));
            notes(text, subcommand.takes(Option.PID_FILE), subcommand.takes(Option.LOG),
                    subcommand.mayHaveCommand());
        }
        return text.append(STATUSES).toString();
    }

    /** Appends the notes that the lines of the options refer to. */
    private static void notes(StringBuilder text, boolean pidFile, boolean log, boolean command) {
        if (pidFile || log) {
            text.append(DEFAULTS).append(pidFile ? DEFAULT_PID_FILE : "").append(log ? DEFAULT_LOG : "");
        }
        if (pidFile || log || command) {
            text.append('\n').append(command ? COMMAND : "").append(PATHS);
        }
    }

    private static void options(StringBuilder text, List<Option> options) {
        for (Option option : options) {
            line(text, option.usage(), option.help());
        }
    }

    private static void line(StringBuilder text, String left, String right) {
        text.append("  ").append(left).append(" ".repeat(Math.max(0, 20 - left.length()))).append(' ')
                .append(right).append('\n');
    }
}
