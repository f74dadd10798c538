package io.github.daemonsteps.daemon.unit;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.process.Program;
import java.util.ArrayList;
import java.util.List;

/**
 * The command line of a unit, and its variables. Some names cannot be written where systemd expects them.
 * Then the command line begins with env(1) or sh(1), which becomes the program by execve(2).
 *
 * @param words the value of {@code ExecStart=}
 * @param variables the values of {@code Environment=}, each {@code NAME=value}
 */
record CommandLine(CString words, List<CString> variables) {

    private static final CString ENV = CString.of("/usr/bin/env");

    /** A shell that executes its arguments. Its own name is the program. */
    private static final List<CString> SHELL = CString.listOf("/bin/sh", "-c", "exec \"$0\" \"$@\"");

    private static final String VARIABLE_NAME = "[A-Za-z_][A-Za-z0-9_]*";

    private static final CString SPACE = CString.of(" ");

    /**
     * Returns the command line of a program. The path of the program is its first argument too.
     *
     * @param variables the variables of the program, each {@code NAME=value}
     * @throws IllegalArgumentException if the program cannot be executed by a unit
     */
    static CommandLine of(Program program, List<CString> variables) {
        List<CString> ofUnit = new ArrayList<>();
        List<CString> ofEnv = new ArrayList<>();
        for (CString variable : variables) {
            (isForUnit(variable) ? ofUnit : ofEnv).add(variable);
        }
        List<CString> all = new ArrayList<>(List.of(program.path()));
        all.addAll(program.arguments().subList(1, program.arguments().size()));
        if (!ofEnv.isEmpty()) {
            if (program.path().indexOf('=') >= 0) {
                throw new IllegalArgumentException("program " + program.path().quoted()
                        + ": env(1) takes it for a variable, and only env can set "
                        + ofEnv.getFirst().quoted() + "; choose a path without an equals sign");
            }
            all.addAll(0, ofEnv);
            all.addFirst(ENV);
        } else if (!UnitQuoting.isProgram(program.path())) {
            all.addAll(0, SHELL);
        }
        return new CommandLine(words(all), ofUnit);
    }

    /** Returns whether {@code Environment=} accepts a variable: a shell name, a value in UTF-8. */
    private static boolean isForUnit(CString variable) {
        return UnitQuoting.isText(variable) && Environment.nameOf(variable)
                .filter(name -> name.toString().matches(VARIABLE_NAME)).isPresent();
    }

    private static CString words(List<CString> all) {
        CString program = all.getFirst();
        CString words = UnitQuoting.word(program);
        if (program.indexOf('$') >= 0) { // a variable in the first argument, and not in the path
            words = UnitQuoting.word(CString.of("@").plus(program)).plus(SPACE)
                    .plus(UnitQuoting.argument(program));
        }
        for (CString argument : all.subList(1, all.size())) {
            words = words.plus(SPACE).plus(UnitQuoting.argument(argument));
        }
        return words;
    }
}
