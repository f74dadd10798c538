package io.github.daemonsteps.jvm;

import java.util.ArrayList;
import java.util.List;

/**
 * A parser that splits an {@code @argfile} into arguments as the java launcher does, with the launcher's
 * oddities. An argument may begin or go on in quotes, and then contain white space and the escapes
 * {@code \n \r \t \f \\}. A backslash at the end of a line joins the line with the next one. Outside quotes,
 * {@code #} begins a comment anywhere, and discards the argument that contains it. The end of a line closes
 * quotes.
 */
final class ArgFile {

    private final List<String> arguments = new ArrayList<>();
    private final StringBuilder argument = new StringBuilder();
    /** The length of the part that a comment leaves of the argument: up to the last quote or escape. */
    private int safe;
    /** Tells whether the end of the file completes an argument, even an empty one. */
    private boolean begun;
    private State state = State.BETWEEN;
    private char quote;

    private enum State {
        BETWEEN, WORD, QUOTED, ESCAPED, JOINING, COMMENT
    }

    private ArgFile() {
    }

    static List<String> tokenize(String content) {
        var file = new ArgFile();
        content.chars().forEach(c -> file.accept((char) c));
        if ((file.state == State.WORD || file.state == State.QUOTED) && file.begun) {
            file.arguments.add(file.argument.toString());
        }
        return file.arguments;
    }

    private void accept(char c) {
        switch (state) {
            case ESCAPED -> escaped(c);
            case COMMENT -> {
                if (isLineEnd(c)) {
                    state = State.BETWEEN;
                }
            }
            case BETWEEN, JOINING -> {
                if (!isSpace(c)) {
                    state = state == State.BETWEEN ? State.WORD : State.QUOTED;
                    inWord(c);
                }
            }
            case WORD, QUOTED -> inWord(c);
        }
    }

    private void inWord(char c) {
        boolean quoted = state == State.QUOTED;
        if (isLineEnd(c) || (!quoted && isSpace(c))) {
            arguments.add(argument.toString());
            argument.setLength(0);
            safe = 0;
            begun = false;
            state = State.BETWEEN;
        } else if (c == '#' && !quoted) {
            argument.setLength(safe);
            begun = safe > 0;
            state = State.COMMENT;
        } else if (c == '\\' && quoted) {
            keep();
            state = State.ESCAPED;
        } else if ((c == '"' || c == '\'') && (!quoted || c == quote)) {
            begun |= safe < argument.length();
            safe = argument.length();
            quote = c;
            state = quoted ? State.WORD : State.QUOTED;
        } else {
            argument.append(c);
            begun = true;
        }
    }

    private void escaped(char c) {
        if (isLineEnd(c)) {
            state = State.JOINING;
            return;
        }
        argument.append(switch (c) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'f' -> '\f';
            default -> c;
        });
        keep();
        state = State.QUOTED;
    }

    private void keep() {
        safe = argument.length();
        begun = true;
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t' || c == '\f' || isLineEnd(c);
    }

    private static boolean isLineEnd(char c) {
        return c == '\n' || c == '\r';
    }
}
