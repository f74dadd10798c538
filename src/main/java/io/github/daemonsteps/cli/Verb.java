package io.github.daemonsteps.cli;

import java.util.List;
import java.util.Locale;

/** What the command can be asked to do. */
enum Verb {
    DEMO("daemonize the JDK's own web server, step by step, and leave it running", Option.STOP),
    TRACE("run the seven steps on a forked process, show each, and let it go again", Option.JSON,
            Option.CHDIR, Option.UMASK,
            Option.LOG),
    PLAN("show the seven steps and their calls, and do nothing", Option.JSON, Option.CHDIR, Option.UMASK,
            Option.LOG);

    private final String help;
    private final List<Option> options;

    Verb(String help, Option... options) {
        this.help = help;
        this.options = List.of(options);
    }

    /** As it is typed. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    String help() {
        return help;
    }

    /** The options it takes, besides those that every verb does. */
    List<Option> options() {
        return options;
    }

    boolean takes(Option option) {
        return options.contains(option) || option == Option.HELP || option == Option.VERSION;
    }

    /** All of them, as they are typed. */
    static String list() {
        var words = new StringBuilder();
        for (Verb verb : values()) {
            words.append(words.isEmpty() ? "" : ", ").append(verb.word());
        }
        return words.toString();
    }
}
