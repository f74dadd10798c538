package io.github.daemonsteps;

/**
 * The steps, by the names that reports give them. The first seven are those of the Unix programming FAQ,
 * section 1.7, in its order.
 */
public enum StepName {
    /** {@link Fork}. */
    FORK("fork, so that the parent can return to the shell",
            "the child leads no process group: setsid would fail in a leader"),
    /** {@link StartSession}. */
    SETSID("become leader of a new session and group", "a new session has no controlling terminal"),
    /** {@link ForkAgain}. */
    FORK_AGAIN("fork again, so that the session leader can exit",
            "only a leader can take a controlling terminal again"),
    /** {@link ChangeDirectory}. */
    CHDIR("change to a directory that stays",
            "keeps no other directory in use: its file system can be unmounted"),
    /** {@link SetUmask}. */
    UMASK("set the file mode creation mask",
            "permissions are not left to whoever started it; this step is optional"),
    /** {@link CloseDescriptors}. */
    CLOSE("close 0, 1, 2 and all else that was inherited",
            "holds no file, terminal or pipe of whoever started it"),
    /** {@link ReopenStandardDescriptors}. */
    REOPEN("open new 0, 1 and 2",
            "whatever reads or prints meets these, not a file that happens to get the number"),
    /** {@link ChangeUser}, behind the seven. */
    USER("give up root for an ordinary user",
            "what is wrong in the program is wrong with that user's rights alone"),
    /** {@link ForbidNewPrivileges}, behind the seven. */
    NO_NEW_PRIVS("forbid new privileges", "no program that it executes is given more rights than it has"),
    /** {@link ForbidCoreDumps}, behind the seven. */
    NO_CORE("forbid core dumps", "what it has in its memory is not written to a disk when it crashes"),
    /** {@link IgnoreHangup}, the step of the nohup recipe. */
    IGNORE_HANGUP("ignore the hangup signal", "the end of the terminal does not end it; and that is all"),
    /** {@link Exec}, with which a run ends. */
    EXEC("become the program", "it starts with its steps behind it");

    private final String what;
    private final String why;

    StepName(String what, String why) {
        this.what = what;
        this.why = why;
    }

    /** What the step does, in half a line. */
    public String what() {
        return what;
    }

    /** Why, in half a line. */
    public String why() {
        return why;
    }
}
