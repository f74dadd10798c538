package io.github.daemonsteps.steps;

import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.steps.extra.DropPrivileges;
import io.github.daemonsteps.steps.extra.IgnoreHangup;
import io.github.daemonsteps.steps.extra.NoCoreDumps;
import io.github.daemonsteps.steps.extra.NoNewPrivileges;
import java.util.regex.Pattern;

/**
 * The name of a step in reports. The constants are names of this library's steps. A step of your own has a name of its own.
 *
 * @param name upper-case ASCII letters, digits and underscores, beginning with a letter: {@code FORK_AGAIN}
 */
public record StepName(String name) {

    private static final Pattern SHAPE = Pattern.compile("[A-Z][A-Z0-9_]{0,31}");

    /** Step 1, {@link Fork}. */
    public static final StepName FORK = new StepName("FORK");

    /** Step 2, {@link StartSession}. */
    public static final StepName SETSID = new StepName("SETSID");

    /** Step 3, {@link ForkAgain}. */
    public static final StepName FORK_AGAIN = new StepName("FORK_AGAIN");

    /** Step 4, {@link ChangeDirectory}. */
    public static final StepName CHDIR = new StepName("CHDIR");

    /** Step 5, {@link SetUmask}. */
    public static final StepName UMASK = new StepName("UMASK");

    /** Step 6, {@link CloseDescriptors}. */
    public static final StepName CLOSE = new StepName("CLOSE");

    /** Step 7, {@link ReopenStandardDescriptors}. */
    public static final StepName REOPEN = new StepName("REOPEN");

    /** {@link DropPrivileges}. */
    public static final StepName USER = new StepName("USER");

    /** {@link NoNewPrivileges}. */
    public static final StepName NO_NEW_PRIVS = new StepName("NO_NEW_PRIVS");

    /** {@link NoCoreDumps}. */
    public static final StepName NO_CORE = new StepName("NO_CORE");

    /** {@link IgnoreHangup}, the step of the nohup recipe. */
    public static final StepName IGNORE_HANGUP = new StepName("IGNORE_HANGUP");

    /** The end of a run: {@link DaemonRun#execve}. */
    public static final StepName EXEC = new StepName("EXEC");

    /** @throws IllegalArgumentException if the name has another shape, or more than 32 characters */
    public StepName {
        if (!SHAPE.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "a step's name is up to 32 upper-case letters, digits and underscores, as in FORK_AGAIN, not '"
                            + name + "'");
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
