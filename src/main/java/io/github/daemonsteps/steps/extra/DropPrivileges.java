package io.github.daemonsteps.steps.extra;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Credentials;
import io.github.daemonsteps.posix.Credentials.Ids;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.Capabilities;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.process.UserIdentity;
import io.github.daemonsteps.steps.Step;
import io.github.daemonsteps.steps.StepContext;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * An extra step: the process gives up root for an ordinary user. Root has opened the files that only root can
 * open before this step. The supplementary groups change first, then the group, then the user. In another
 * order the process would lose the right to change the rest.
 *
 * <p>The result is read back and proved: a call that regains root's rights or a group must fail.
 *
 * @param identity the user that the process becomes
 * @see <a href="https://man7.org/linux/man-pages/man7/credentials.7.html">credentials(7)</a>
 */
public record DropPrivileges(UserIdentity identity) implements Step {

    private static final long ROOT = 0;

    @Override
    public StepName name() {
        return StepName.USER;
    }

    @Override
    public String description() {
        return "give up root for an ordinary user";
    }

    @Override
    public String rationale() {
        return "an attacker who takes over the program gets the rights of that user only";
    }

    @Override
    public List<String> plan() {
        long uid = identity.uid();
        long gid = identity.gid();
        return List.of("keyctl(KEYCTL_JOIN_SESSION_KEYRING, NULL)",
                "setgroups(" + identity.groups().size() + ", " + identity.groups() + ")",
                "setresgid(" + gid + ", " + gid + ", " + gid + ")",
                "setresuid(" + uid + ", " + uid + ", " + uid + ")", "prctl(PR_SET_DUMPABLE, 0)",
                "capset(..., {})", "getgroups()", "getresgid()",
                "getresuid()",
                "setuid(0), setgid(0), setgroups(1, [0]): refused");
    }

    @Override
    public StepOutcome perform(StepContext context) {
        StepOutcome outcome = change(context.process(), context::capabilities);
        if (outcome instanceof StepOutcome.Failed || identity.uid() == ROOT) {
            return outcome;
        }
        ProcessState now = context.now();
        boolean shown = now.uid() == null
                || (now.uid() == identity.uid() && Objects.equals(now.gid(), identity.gid()));
        return shown
                ? outcome
                : new StepOutcome.Failed("setresuid", null,
                        "the process is user " + now.uid() + " and group " + now.gid());
    }

    /**
     * Returns whether the calling thread may change users. The thread must have CAP_SETGID and CAP_SETUID,
     * see capabilities(7).
     */
    public static boolean isPermitted() {
        return Capabilities.ofThisThread().has(Capabilities.CAP_SETGID, Capabilities.CAP_SETUID);
    }

    /**
     * Changes the user of the calling thread of this process. The thread must then call execve and nothing
     * else: the other threads of the process keep their user.
     *
     * @return the outcome
     * @throws PosixException if a call fails
     */
    public StepOutcome ofThisThread() {
        return change(NativePosix.get(), Capabilities::ofThisThread);
    }

    private StepOutcome change(Credentials process, Supplier<Capabilities> capabilities) {
        leaveKeys(process);
        process.setgroups(identity.groups());
        process.setresgid(Ids.all(identity.gid()));
        process.setresuid(Ids.all(identity.uid()));
        if (identity.uid() != ROOT) {
            process.dropCapabilities(); // inheritable ones remain, and others under some securebits
        }
        StepOutcome outcome = check(process);
        Capabilities kept = capabilities.get();
        return outcome instanceof StepOutcome.Failed || identity.uid() == ROOT || kept.isEmpty()
                ? outcome
                : new StepOutcome.Failed("capset(..., {})", null, "the process keeps capabilities: " + kept);
    }

    /** Leaves the keys of root's session, which the user must not have; see session-keyring(7). */
    private static void leaveKeys(Credentials process) {
        try {
            process.joinNewSessionKeyring();
        } catch (PosixException e) {
            if (!e.isCallUnavailable()) { // such a filter also denies the user the search for keys
                throw e;
            }
        }
    }

    private StepOutcome check(Credentials process) {
        List<Long> groups = process.getgroups();
        if (!new TreeSet<>(groups).equals(new TreeSet<>(identity.groups()))) {
            return new StepOutcome.Failed("setgroups(" + identity.groups() + ")", null,
                    "the groups are " + groups);
        }
        if (!process.getresgid().equals(Ids.all(identity.gid()))) {
            return new StepOutcome.Failed("setresgid(" + identity.gid() + ")", null,
                    "the groups are " + process.getresgid());
        }
        if (!process.getresuid().equals(Ids.all(identity.uid()))) {
            return new StepOutcome.Failed("setresuid(" + identity.uid() + ")", null,
                    "the users are " + process.getresuid());
        }
        if (identity.uid() == ROOT) {
            return new StepOutcome.Done(who());
        }
        if (!isRefused(() -> process.setuid(ROOT))) {
            return regained("setuid(0)");
        }
        if (identity.gid() != ROOT && !isRefused(() -> process.setgid(ROOT))) {
            return regained("setgid(0)");
        }
        if (!isRefused(() -> process.setgroups(List.of(ROOT)))) {
            return regained("setgroups(1, [0])");
        }
        return new StepOutcome.Done(who() + "; root cannot be regained");
    }

    private String who() {
        return "user " + identity.name() + " (" + identity.uid() + "), group " + identity.gid() + ", groups "
                + identity.groups();
    }

    private static boolean isRefused(Runnable wayBack) {
        try {
            wayBack.run();
            return false;
        } catch (PosixException e) {
            if (e.errno().equals(Errno.EPERM)) {
                return true;
            }
            throw e;
        }
    }

    private static StepOutcome regained(String call) {
        return new StepOutcome.Failed(call, null, "succeeded: the process can regain the rights of root");
    }
}
