package io.github.daemonsteps.cli;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.process.Environment;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The environment of the caller of this command, byte for byte; a program inherits it. The script
 * {@code daemon-steps} renames each variable from which a JVM reads options. The command's own JVM then
 * ignores the variable. {@code NAME} becomes {@code DAEMON_STEPS_PID_NAME}. The variables that the shell
 * itself would drop or change are in {@code DAEMON_STEPS_PID_KEPT}: strings with a NUL after each, in Base64.
 * {@code PID} is the id of this process, since the script becomes it by execve(2). A variable with another id
 * does not come from the script.
 */
final class CallerEnvironment {

    /**
     * Matches the variables that a shell sets itself, as in the script: their values are not those of the
     * caller.
     */
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
            variables.removeAll(ofCaller); // a shell may pass some of them on after all
            variables.addAll(ofCaller);
        }
        return new Environment(variables.stream()
                .map(variable -> variable.startsWith(prefix) ? variable.from(prefix.length()) : variable)
                .toList());
    }
}
