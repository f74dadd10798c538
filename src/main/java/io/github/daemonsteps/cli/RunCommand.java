package io.github.daemonsteps.cli;

import io.github.daemonsteps.daemon.Daemon;
import io.github.daemonsteps.daemon.files.RelativePaths;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.SignalSet;
import io.github.daemonsteps.posix.SigprocmaskHow;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.process.SupervisorVariables;
import io.github.daemonsteps.process.UserIdentity;
import io.github.daemonsteps.procfs.ProcFile;
import io.github.daemonsteps.steps.ChangeDirectory;
import io.github.daemonsteps.steps.CloseDescriptors;
import io.github.daemonsteps.steps.SetUmask;
import io.github.daemonsteps.steps.StepOutcome;
import io.github.daemonsteps.steps.extra.DropPrivileges;
import io.github.daemonsteps.steps.extra.NoCoreDumps;
import io.github.daemonsteps.steps.extra.NoNewPrivileges;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;

/**
 * The subcommand {@code run}: this process becomes the program, without a fork. The program has the directory
 * and the umask of a daemon. Signals of the terminal or of a supervisor therefore reach the program.
 */
final class RunCommand {

    private static final Path TIOCSTI = Path.of("/proc/sys/dev/tty/legacy_tiocsti");

    private RunCommand() {
    }

    /** Executes the program; returns only on failure. */
    static int run(Arguments arguments) {
        Optional<UserIdentity> identity = LifecycleCommands.identity(arguments);
        Environment caller = CallerEnvironment.get();
        var sockets = ProgramSockets.of(arguments, caller);
        Environment environment = environment(arguments, identity, caller, sockets);
        Program program = ProgramFinder.find(arguments.command(), environment);
        CString directory = arguments.path(Option.CHDIR).orElse(Daemon.DEFAULT_DIRECTORY);
        var umask = new SetUmask(arguments.mode(Option.UMASK).orElse(Daemon.DEFAULT_UMASK));
        SortedSet<Integer> kept = LifecycleCommands.kept(arguments);
        if (identity.isPresent() && !DropPrivileges.isPermitted()) {
            throw new CommandException(4, "a run as another user, " + identity.get().name()
                    + ", needs CAP_SETUID and CAP_SETGID, which root has by default");
        }
        identity.ifPresent(RunCommand::refuseSharedTerminal);
        NativePosix posix = NativePosix.get();
        RelativePaths.warnings(program, LifecycleCommands.variables(arguments), directory, posix)
                .forEach(Main::warn);
        for (int fd : kept) {
            check(CloseDescriptors.checkInherited(fd));
        }
        kept.addAll(sockets.passed());
        check(new ChangeDirectory(directory).of(posix));
        check(umask.of(posix));
        closeOnExec(kept, posix);
        check(sockets.bind(identity.orElse(null), posix));
        identity.ifPresent(user -> check(new DropPrivileges(user).ofThisThread()));
        if (arguments.has(Option.NO_NEW_PRIVS)) {
            check(NoNewPrivileges.of(posix));
        }
        if (arguments.has(Option.NO_CORE)) {
            check(NoCoreDumps.of(posix));
        }
        posix.sigprocmask(SigprocmaskHow.SIG_SETMASK, SignalSet.NONE); // the JVM blocks some signals
        try {
            sockets.execute(program, posix);
        } catch (PosixException e) {
            sockets.closeAndRemoveFiles(posix);
            throw ProgramFinder.notExecuted(program, e.getMessage(), e.errno());
        }
        throw new AssertionError("execve does not return");
    }

    /**
     * Returns the program's environment. Since this process becomes the program, a supervisor's variables
     * stay valid.
     */
    private static Environment environment(Arguments arguments, Optional<UserIdentity> identity,
            Environment caller, ProgramSockets sockets) {
        return sockets.addTo(
                SupervisorVariables.copy(caller, LifecycleCommands.environment(arguments, identity)));
    }

    /**
     * Refuses to share a terminal with another user. A process that has a terminal open can type into it, by
     * TIOCSTI. The shell reads that input after the program's exit. A current kernel can forbid this; a
     * kernel before Linux 6.2 cannot. After the exit of a session leader no shell reads the terminal.
     */
    private static void refuseSharedTerminal(UserIdentity identity) {
        ProcessState state = ProcessState.ofThisProcess();
        if (state.hasControllingTerminal() && !state.isSessionLeader()
                && !Objects.equals(state.uid(), identity.uid())
                && !isForbidden()) {
            throw new CommandException(1, "user " + identity.name()
                    + " could type into this terminal as you (TIOCSTI): use start, or setsid --wait, or set"
                    + " dev.tty.legacy_tiocsti to 0");
        }
    }

    private static boolean isForbidden() {
        try {
            return ProcFile.setting(TIOCSTI).equals("0");
        } catch (IOException e) {
            return false;
        }
    }

    private static void check(StepOutcome outcome) {
        if (outcome instanceof StepOutcome.Failed failed) {
            throw new CommandException(1, failed.toString());
        }
    }

    /** Makes all descriptors close-on-exec, except the standard three and the kept ones. */
    private static void closeOnExec(SortedSet<Integer> kept, NativePosix posix) {
        int first = 3;
        for (int fd : kept) {
            if (first < fd) {
                posix.closeOnExec(first, fd - 1);
            }
            first = fd + 1;
        }
        posix.closeOnExec(first, -1);
    }
}
