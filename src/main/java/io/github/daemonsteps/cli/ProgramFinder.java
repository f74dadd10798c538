package io.github.daemonsteps.cli;

import io.github.daemonsteps.daemon.ExitStatus;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.AccessMode;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.process.ProgramFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The search of a command's program, as a shell does it: on the {@code PATH} if its name does not contain a
 * slash.
 */
final class ProgramFinder {

    /** The path that execvp(3) searches if {@code PATH} is not set. */
    private static final CString DEFAULT_PATH = CString.of("/bin:/usr/bin");

    private ProgramFinder() {
    }

    /**
     * Finds the program of a command.
     *
     * @param command the command, not empty
     * @param environment the environment of the program
     * @return the program, with this environment and the arguments unchanged
     * @throws CommandException with status 5 if the program does not exist, 4 if it may not be executed
     */
    static Program find(List<CString> command, Environment environment) {
        CString name = command.getFirst();
        CommandException denied = null;
        String missing = null;
        Environment own = CallerEnvironment.get(); // independent of the program's PATH
        for (CString candidate : candidates(name, own)) {
            var file = new ProgramFile(candidate, NativePosix.get());
            PosixException failed = refusal(candidate);
            if (failed == null) {
                file.warning().ifPresent(Main::warn);
                return new Program(candidate, command, environment.variables());
            } else if (failed.errno().equals(Errno.EACCES)) { // a later directory may have one
                denied = new CommandException(4, name.quoted() + " may not be executed: "
                        + file.explained(failed.getMessage(), failed.errno()));
            } else if (missing == null) {
                missing = file.explain(failed.errno()).orElse(null);
            }
        }
        if (denied != null) {
            throw denied;
        }
        throw new CommandException(5, "no program " + name.quoted()
                + (name.indexOf('/') >= 0 ? "" : " on the PATH, which is " + path(own).quoted())
                + (missing == null ? ProgramWords.hint(command) : ": " + missing));
    }

    /**
     * Returns the exception for a program that was found and cannot be executed.
     *
     * @param program the program
     * @param message the call that failed
     * @param errno the errno of the call; null if no call failed
     */
    static CommandException notExecuted(Program program, String message, @Nullable Errno errno) {
        if (errno == null) {
            return new CommandException(1, message);
        }
        var file = new ProgramFile(program.path(), NativePosix.get());
        return new CommandException(file.isMissing(errno) ? 5 : ExitStatus.ofFailure(errno),
                file.explained(message, errno));
    }

    private static List<CString> candidates(CString name, Environment environment) {
        if (name.indexOf('/') >= 0) {
            return List.of(WorkingDirectory.absolute(name));
        }
        List<CString> candidates = new ArrayList<>();
        CString rest = path(environment);
        while (true) {
            int colon = rest.indexOf(':');
            CString directory = colon < 0 ? rest : rest.until(colon);
            // POSIX: an empty element is the working directory.
            CString here = directory.length() == 0 ? CString.of(".") : directory;
            candidates.add(WorkingDirectory.absolute(here).resolve(name));
            if (colon < 0) {
                return candidates;
            }
            rest = rest.from(colon + 1);
        }
    }

    private static CString path(Environment environment) {
        return environment.get("PATH").orElse(DEFAULT_PATH);
    }

    /**
     * Returns why a file cannot be executed; null if it can. The execute permission of a directory permits
     * its search, and is not meant here.
     */
    private static @Nullable PosixException refusal(CString candidate) {
        NativePosix posix = NativePosix.get();
        try {
            posix.access(candidate, Set.of(AccessMode.X_OK));
            return posix.stat(candidate).isDirectory()
                    ? new PosixException(
                            new PosixCall("execve", List.of(candidate.quoted()), "-1", Errno.EACCES))
                    : null;
        } catch (PosixException e) {
            return e;
        }
    }
}
