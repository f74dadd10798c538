package io.github.daemonsteps.testkit;

import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.process.ProcessState;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.AbstractAssert;

/**
 * Assertions on the state of a process, as {@link ProcessState#of} has read it. A fact that the kernel does
 * not show fails every assertion on that fact, and the message names the reason.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/credentials.7.html">credentials(7)</a>
 */
public final class ProcessStateAssert extends AbstractAssert<ProcessStateAssert, ProcessState> {

    ProcessStateAssert(ProcessState actual) {
        super(actual, ProcessStateAssert.class);
    }

    /**
     * Verifies that the process does not lead its session. Only a session leader can take a controlling
     * terminal, so step 3 of the FAQ forks again.
     */
    public ProcessStateAssert isNotSessionLeader() {
        return expect("not to lead its session", flaws().leadsSession());
    }

    /** Verifies that the process leads its session, as after step 2 of the FAQ; see setsid(2). */
    public ProcessStateAssert isSessionLeader() {
        return expect("to lead its session", flaws().doesNotLeadSession());
    }

    /**
     * Verifies that the process does not lead its process group. In a group leader setsid(2) fails with
     * EPERM.
     */
    public ProcessStateAssert isNotGroupLeader() {
        return expect("not to lead its group", flaws().leadsGroup());
    }

    /** Verifies that the process leads its process group; see setpgid(2). */
    public ProcessStateAssert isGroupLeader() {
        return expect("to lead its group", flaws().doesNotLeadGroup());
    }

    /**
     * Verifies that the session of the process has this id.
     *
     * @param sid the id of the process that created the session, by setsid(2)
     */
    public ProcessStateAssert hasSession(int sid) {
        return expect("to be in session " + sid, flaws().isInOtherSession(sid));
    }

    /**
     * Verifies that the process is in the same session as another process.
     *
     * @param other the state of the other process
     */
    public ProcessStateAssert isInSessionOf(ProcessState other) {
        ProcessFlaws flaws = flaws();
        Integer sid = other.sid();
        if (sid == null) {
            throw failure("%s", "expected process " + actual.pid() + " to be in the session of process "
                    + other.pid() + ", but that session is unknown: process " + other.pid()
                    + " has ended, or belongs to another user and /proc hides it (hidepid)");
        }
        return expect("to be in session " + sid + " of process " + other.pid(), flaws.isInOtherSession(sid));
    }

    /**
     * Verifies that the process does not have a controlling terminal. A hangup or an interrupt of the
     * terminal could end the process; see credentials(7) and signal(7).
     */
    public ProcessStateAssert hasNoControllingTerminal() {
        return expect("not to have a controlling terminal", flaws().hasTerminal());
    }

    /**
     * Verifies that this is the controlling terminal of the process.
     *
     * @param terminal the path of the terminal, such as {@link Pty#path}
     */
    public ProcessStateAssert hasControllingTerminal(Path terminal) {
        return expect("to have the controlling terminal " + terminal, flaws().hasOtherTerminal(terminal));
    }

    /**
     * Verifies that a process has adopted this one: process 1, or the nearest subreaper. The parent must be
     * neither this JVM nor the leader of the process's own session. In a container that has this JVM as
     * process 1, the JVM adopts orphans itself, and the assertion fails.
     *
     * @see <a href="https://man7.org/linux/man-pages/man2/prctl.2.html">prctl(2), PR_SET_CHILD_SUBREAPER</a>
     */
    public ProcessStateAssert isOrphan() {
        return expect("to be an orphan", flaws().isNotOrphan());
    }

    /**
     * Verifies that this is the working directory of the process. A path with symbolic links is resolved.
     *
     * @param directory an absolute path
     */
    public ProcessStateAssert hasWorkingDirectory(Path directory) {
        return expect("to have the working directory " + directory, flaws().hasOtherDirectory(directory));
    }

    /**
     * Verifies the file mode creation mask; see umask(2).
     *
     * @param umask the mask, which is written in octal: {@code 027}
     */
    public ProcessStateAssert hasUmask(int umask) {
        return hasUmask(FileMode.of(umask));
    }

    /**
     * Verifies the file mode creation mask, as {@link #hasUmask(int)} does.
     *
     * @param mask the mask
     */
    public ProcessStateAssert hasUmask(FileMode mask) {
        return expect("to have the umask " + mask, flaws().hasOtherUmask(mask));
    }

    /**
     * Verifies that these descriptors are open, and no other ones.
     *
     * @param fds the descriptors
     */
    public ProcessStateAssert hasOnlyDescriptors(int... fds) {
        List<Integer> numbers = Arrays.stream(fds).boxed().toList();
        return expect("to have only " + numbers + " open", flaws().hasOtherDescriptors(fds));
    }

    /**
     * Verifies that a descriptor is open on this file. A path with symbolic links is resolved.
     *
     * @param fd the descriptor
     * @param file the path that {@code /proc/PID/fd} shows, such as {@code /dev/null} or {@code socket:[12]}
     */
    public ProcessStateAssert hasDescriptor(int fd, Path file) {
        return expect("to have descriptor " + fd + " open on " + file, flaws().lacksDescriptor(fd, file));
    }

    /**
     * Verifies that the process does not block any signal. A program inherits the mask; see sigprocmask(2).
     */
    public ProcessStateAssert blocksNoSignals() {
        return expect("not to block any signal", flaws().blocksSignals());
    }

    /**
     * Verifies that the process does not ignore any signal. A program inherits ignored signals; see
     * signal(7).
     */
    public ProcessStateAssert ignoresNoSignals() {
        return expect("not to ignore any signal", flaws().ignoresSignals());
    }

    /**
     * Verifies that the process ignores a signal, as nohup(1) does with SIGHUP.
     *
     * @param signal the signal
     */
    public ProcessStateAssert ignores(Signal signal) {
        return expect("to ignore " + signal, flaws().doesNotIgnore(signal));
    }

    /**
     * Verifies the real user of the process.
     *
     * @param uid the number of the user
     */
    public ProcessStateAssert hasUser(long uid) {
        return expect("to run as user " + uid, flaws().hasOtherUser(uid));
    }

    /**
     * Verifies that the process has ended by now. The kernel is asked again, since a state does not contain
     * this. A zombie has ended too. See {@link ProcessState#hasEnded}.
     */
    public ProcessStateAssert hasEnded() {
        isNotNull();
        return ProcessState.hasEnded(actual.pid())
                ? this
                : expect("to have ended",
                        Optional.of("it still runs: its files, locks and ports are in use"));
    }

    /** Verifies that the process runs now. The kernel is asked again, since a state does not contain this. */
    public ProcessStateAssert isRunning() {
        isNotNull();
        return ProcessState.hasEnded(actual.pid())
                ? expect("to run",
                        Optional.of("it has ended, or belongs to another user and /proc hides it (hidepid)"))
                : this;
    }

    /**
     * Verifies everything that the seven steps of the Unix programming FAQ promise. The message of a failure
     * lists every flaw.
     *
     * <ul>
     * <li>The process is an orphan: see {@link #isOrphan}.
     * <li>It leads neither its session nor its group, and is in the group of the session leader.
     * <li>It does not have a controlling terminal.
     * <li>Descriptors 0, 1 and 2 are open, and no other ones except the given ones.
     * <li>Its working directory has an absolute path.
     * <li>It neither blocks nor ignores a signal.
     * </ul>
     *
     * <p>Use the assertion when the program runs. A process that takes steps blocks every signal until EXEC:
     * see {@link #isProperDaemonBeforeExec}. A program that has just been executed may have a library open.
     *
     * @param alsoOpen the descriptors above 2 that may be open, such as that of a pid file
     * @see <a href="https://man7.org/linux/man-pages/man7/daemon.7.html">daemon(7)</a>
     */
    public ProcessStateAssert isProperDaemon(int... alsoOpen) {
        return expectNone("to be a proper daemon", flaws().ofDaemon(alsoOpen));
    }

    /**
     * Verifies what {@link #isProperDaemon(int...)} verifies, of a program that {@code Daemon.start} has
     * started, and its files: descriptor 0 is open on {@code /dev/null}, 1 and 2 are open on the log, and
     * exactly one more is open, on the pid file.
     *
     * <p>Use the assertion while the program has opened nothing else. A JVM has its modules and jars open.
     *
     * @param pidFile the pid file of the daemon
     * @param log the log of the daemon, of its standard output and error
     */
    public ProcessStateAssert isProperDaemon(Path pidFile, Path log) {
        return expectNone("to be a proper daemon", flaws().ofDaemon(pidFile, log));
    }

    /**
     * Verifies what {@link #isProperDaemon(int...)} verifies, except for the signals. A process that takes steps
     * blocks every signal until EXEC.
     *
     * @param alsoOpen the descriptors above 2 that may be open. The
     *        {@linkplain io.github.daemonsteps.posix.ForkedProcess#controlFd control descriptor} is one.
     */
    public ProcessStateAssert isProperDaemonBeforeExec(int... alsoOpen) {
        return expectNone("to be a proper daemon before EXEC", flaws().ofDaemonBeforeExec(alsoOpen));
    }

    private ProcessStateAssert expectNone(String expectation, List<String> flaws) {
        if (!flaws.isEmpty()) {
            failWithMessage("%s", "expected process " + actual.pid() + " " + expectation + ", but:\n  - "
                    + String.join("\n  - ", flaws));
        }
        return this;
    }

    private ProcessFlaws flaws() {
        isNotNull();
        return new ProcessFlaws(actual);
    }

    private ProcessStateAssert expect(String expectation, Optional<String> flaw) {
        flaw.ifPresent(text -> failWithMessage("%s",
                "expected process " + actual.pid() + " " + expectation + ", but " + text));
        return this;
    }
}
