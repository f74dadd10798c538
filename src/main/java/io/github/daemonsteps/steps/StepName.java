package io.github.daemonsteps.steps;

import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.steps.extra.DropPrivileges;
import io.github.daemonsteps.steps.extra.IgnoreHangup;
import io.github.daemonsteps.steps.extra.Listen;
import io.github.daemonsteps.steps.extra.NoCoreDumps;
import io.github.daemonsteps.steps.extra.NoNewPrivileges;
import java.util.regex.Pattern;

/**
 * The name of a step in reports. The constants are the names of this library's steps. A step of your own has
 * a name of its own.
 *
 * @param name upper-case ASCII letters, digits and underscores, beginning with a letter, such as
 *        {@code FORK_AGAIN}
 */
public record StepName(String name) {

    private static final Pattern SHAPE = Pattern.compile("[A-Z][A-Z0-9_]{0,31}");

    /** Names step 1, {@link Fork}. */
    public static final StepName FORK = new StepName("FORK");

    /** Names step 2, {@link StartSession}. */
    public static final StepName SETSID = new StepName("SETSID");

    /** Names step 3, {@link ForkAgain}. */
    public static final StepName FORK_AGAIN = new StepName("FORK_AGAIN");

    /** Names step 4, {@link ChangeDirectory}. */
    public static final StepName CHDIR = new StepName("CHDIR");

    /** Names step 5, {@link SetUmask}. */
    public static final StepName UMASK = new StepName("UMASK");

    /** Names step 6, {@link CloseDescriptors}. */
    public static final StepName CLOSE = new StepName("CLOSE");

    /** Names step 7, {@link ReopenStandardDescriptors}. */
    public static final StepName REOPEN = new StepName("REOPEN");

    /** Names {@link Listen}. */
    public static final StepName LISTEN = new StepName("LISTEN");

    /** Names {@link DropPrivileges}. */
    public static final StepName USER = new StepName("USER");

    /** Names {@link NoNewPrivileges}. */
    public static final StepName NO_NEW_PRIVS = new StepName("NO_NEW_PRIVS");

    /** Names {@link NoCoreDumps}. */
    public static final StepName NO_CORE = new StepName("NO_CORE");

    /** Names {@link IgnoreHangup}, the step of the nohup recipe. */
    public static final StepName IGNORE_HANGUP = new StepName("IGNORE_HANGUP");

    /** Names the end of a run, {@link DaemonRun#execve}. */
    public static final StepName EXEC = new StepName("EXEC");

    /** @throws IllegalArgumentException if the name has another form, or more than 32 characters */
    public StepName {
        if (!SHAPE.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "a step's name is up to 32 upper-case letters, digits and underscores, as in FORK_AGAIN,"
                            + " not '" + name + "'");
        }
    }

    // Plain methods: those that a record has by default are linked at their first use, which takes
    // milliseconds.

    @Override
    public boolean equals(Object other) {
        return other instanceof StepName step && step.name.equals(name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    @Override
    public String toString() {
        return name;
    }
}
