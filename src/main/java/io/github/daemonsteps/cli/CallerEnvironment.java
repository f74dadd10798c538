package io.github.daemonsteps.cli;

import io.github.daemonsteps.Environment;
import io.github.daemonsteps.posix.CString;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The environment of the caller of this command, byte for byte: what a program inherits. The script {@code daemon-steps}
 * keeps the variables that a JVM takes options from out of reach of the command's own JVM. It renames {@code NAME} to
 * {@code DAEMON_STEPS_PID_NAME}. What the shell itself would drop or change comes as {@code DAEMON_STEPS_PID_KEPT}:
 * strings with a NUL after each, in Base64. {@code PID} is the number of this very process, since the script becomes it by
 * execve(2): a variable of another process is not one of the script's.
 */
final class CallerEnvironment {

    /** As in the script. What the shell has made of them is not the caller's. */
    private static final Pattern OF_SHELL =
            Pattern.compile("(PWD|OLDPWD|IFS|OPTIND|PPID|LINENO|SHLVL|_|ds_[a-z]*)=.*", Pattern.DOTALL);

    private CallerEnvironment() {
    }

    /** Returns the environment with the names that the caller gave. */
    static Environment get() {
        return of(Environment.inherited(), ProcessHandle.current().pid());
    }

    static Environment of(Environment inherited, long pid) {
        CString prefix = CString.of("DAEMON_STEPS_" + pid + "_");
        String name = prefix + "KEPT";
        Optional<CString> kept = inherited.get(name);
        List<CString> variables = new ArrayList<>(inherited.without(name).variables());
        if (kept.isPresent()) {
            variables.removeIf(variable -> OF_SHELL.matcher(variable.toString()).matches());
            List<CString> ofCaller = CString.listOf(Base64.getDecoder().decode(kept.get().bytes()));
            variables.removeAll(ofCaller); // a shell may hand down some of them after all
            variables.addAll(ofCaller);
        }
        return new Environment(variables.stream()
                .map(variable -> variable.startsWith(prefix) ? variable.from(prefix.length()) : variable)
                .toList());
    }
}
