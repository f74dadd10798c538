package io.github.daemonsteps.cli;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.text.TerminalSafe;
import java.util.ArrayList;
import java.util.List;

/** The words of a command whose program was not found, with a guess at their meaning. */
final class ProgramWords {

    private static final String VARIABLE = "[A-Za-z_][A-Za-z0-9_]*=.*";

    private ProgramWords() {
    }

    /**
     * Returns a hint how to write the words. A shell splits a text at its blanks, and takes the variables
     * before a program.
     *
     * @param command the words
     * @return the hint with a colon before it; empty if there is none
     */
    static String hint(List<CString> command) {
        String first = command.getFirst().toString();
        boolean isOneWord = command.size() == 1 && first.indexOf(' ') > 0;
        List<String> words = isOneWord
                ? List.of(first.strip().split(" +"))
                : command.stream().map(CString::toString).toList();
        int program = 0;
        List<String> meant = new ArrayList<>();
        while (program < words.size() && words.get(program).matches(VARIABLE)) {
            meant.add(Option.ENV.flag() + " " + words.get(program++));
        }
        if (!isOneWord && program == 0) {
            return "";
        }
        meant.add("--");
        meant.addAll(words.subList(program, words.size()));
        return (isOneWord
                ? ": this is one word; give the program and its arguments as separate words"
                : ": this is a variable")
                + (program > 0
                        ? (isOneWord ? ", and variables by " : "; give variables by ")
                                + Option.ENV.flag()
                        : "")
                + ", " + TerminalSafe.of(String.join(" ", meant));
    }
}
