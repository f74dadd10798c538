package io.github.daemonsteps.cli;

import io.github.daemonsteps.Environment;
import io.github.daemonsteps.posix.CString;

/**
 * The environment of the caller of this command, byte for byte: what a program inherits. The script {@code daemon-steps}
 * keeps the variables that a JVM takes options from out of reach of the command's own JVM. It renames {@code NAME} to
 * {@code DAEMON_STEPS_PID_NAME}. {@code PID} is the number of this very process, since the script becomes it by
 * execve(2): a variable of another process is not one of the script's.
 */
final class CallerEnvironment {

    private CallerEnvironment() {
    }

    /** Returns the environment with the names that the caller gave. */
    static Environment get() {
        return of(Environment.inherited(), ProcessHandle.current().pid());
    }

    static Environment of(Environment inherited, long pid) {
        CString prefix = CString.of("DAEMON_STEPS_" + pid + "_");
        return new Environment(inherited.variables().stream()
                .map(variable -> variable.startsWith(prefix) ? variable.from(prefix.length()) : variable)
                .toList());
    }
}
