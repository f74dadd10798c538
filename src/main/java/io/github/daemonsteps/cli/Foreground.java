package io.github.daemonsteps.cli;

import io.github.daemonsteps.ChangeUser;
import io.github.daemonsteps.ForbidCoreDumps;
import io.github.daemonsteps.ForbidNewPrivileges;
import io.github.daemonsteps.Identity;
import io.github.daemonsteps.Outcome;
import io.github.daemonsteps.Program;
import io.github.daemonsteps.daemon.Daemon;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.DescriptorCommand;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.MaskChange;
import io.github.daemonsteps.posix.NativePosix;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.SignalSet;
import java.util.Optional;
import java.util.SortedSet;

/**
 * The verb {@code run}: this very process becomes the program, in the place and with the mask that a daemon would
 * have. Nothing is forked, so the terminal and its signals, or a supervisor's, are the program's own.
 */
final class Foreground {

    private Foreground() {
    }

    /** Returns only if it fails. */
    static int run(Arguments arguments) {
        Program program = ProgramFinder.find(arguments.command(), Lifecycle.environment(arguments));
        CString directory = arguments.path(Option.CHDIR).orElse(Daemon.DEFAULT_DIRECTORY);
        FileMode umask = arguments.mode(Option.UMASK).orElse(Daemon.DEFAULT_UMASK);
        SortedSet<Integer> kept = Lifecycle.kept(arguments);
        Optional<Identity> identity = Lifecycle.identity(arguments);
        if (identity.isPresent() && !ChangeUser.isPermitted()) {
            throw new CommandException(4, "only root can run it as another user, " + identity.get().name());
        }
        NativePosix posix = NativePosix.get();
        for (int fd : kept) {
            posix.fcntl(fd, DescriptorCommand.F_GETFD, 0); // says if there is none
        }
        posix.chdir(directory);
        posix.umask(umask);
        closeOnExec(kept, posix);
        identity.ifPresent(user -> check(new ChangeUser(user).ofThisThread()));
        if (arguments.has(Option.NO_NEW_PRIVS)) {
            check(ForbidNewPrivileges.of(posix));
        }
        if (arguments.has(Option.NO_CORE)) {
            check(ForbidCoreDumps.of(posix));
        }
        posix.sigprocmask(MaskChange.SIG_SETMASK, SignalSet.NONE); // the JVM has some blocked
        try {
            posix.execve(program.path(), program.arguments(), program.environment());
        } catch (PosixException failed) {
            throw new CommandException(ProgramFinder.status(failed.errno()), failed.getMessage());
        }
        throw new AssertionError("execve does not return");
    }

    private static void check(Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed) {
            throw new CommandException(1, failed.toString());
        }
    }

    /** All but the standard three and those to be kept. */
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
