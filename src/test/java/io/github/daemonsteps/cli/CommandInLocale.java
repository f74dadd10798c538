package io.github.daemonsteps.cli;

import java.util.Arrays;
import java.util.Locale;

/** The command in a JVM whose locale is the first argument, a language tag. */
final class CommandInLocale {

    private CommandInLocale() {
    }

    public static void main(String[] args) {
        Locale.setDefault(Locale.forLanguageTag(args[0]));
        Main.main(Arrays.copyOfRange(args, 1, args.length));
    }
}
