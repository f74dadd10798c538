package io.github.daemonsteps.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The text of {@code --help}. */
final class Help {

    private Help() {
    }

    /** The help of a verb, or of the whole command. */
    static String text(@Nullable Verb verb, String command) {
        var text = new StringBuilder();
        if (verb == null) {
            text.append("Usage: ").append(command).append(" VERB [OPTION...]\n\n");
            text.append("Turns programs into Unix daemons by the classic seven steps.\n\n");
            for (Verb each : Verb.values()) {
                line(text, each.word(), each.help());
            }
            text.append("\nOptions of each verb: ").append(command).append(" VERB --help\n");
            options(text, List.of(Option.HELP, Option.VERSION));
        } else {
            text.append("Usage: ").append(command).append(' ').append(verb.word()).append(" [OPTION...]\n\n");
            text.append(Character.toUpperCase(verb.help().charAt(0))).append(verb.help().substring(1))
                    .append(".\n\n");
            options(text, verb.options());
            options(text, List.of(Option.HELP, Option.VERSION));
        }
        text.append("\nExit status: 0 done, 1 failed, 2 asked wrongly.\n");
        return text.toString();
    }

    private static void options(StringBuilder text, List<Option> options) {
        for (Option option : options) {
            line(text, option.usage(), option.help());
        }
    }

    private static void line(StringBuilder text, String left, String right) {
        text.append(String.format("  %-16s %s%n", left, right));
    }
}
