package io.github.daemonsteps.daemon.start;

import io.github.daemonsteps.posix.AccessMode;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.ProgramFile;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The check whether a process may execute a program, by access(2) and by the first line of a script. Other
 * refusals of the kernel, such as an unknown format, are visible only in execve(2) itself.
 *
 * @param process the process that executes the program, with the rights that it has then
 */
record ProgramCheck(ForkedProcess process) {

    /**
     * Checks the program.
     *
     * @throws PosixException as execve would throw, as far as this is visible
     */
    void check(CString program) {
        try {
            checkFile(program);
            Optional<CString> interpreter = new ProgramFile(program, process).interpreter();
            if (interpreter.isPresent()) {
                checkFile(interpreter.get());
            }
        } catch (PosixException e) {
            throw refused(program, e.errno());
        }
    }

    private void checkFile(CString file) {
        process.access(file, Set.of(AccessMode.X_OK));
        if (!process.stat(file).isRegularFile()) {
            throw refused(file, Errno.EACCES);
        }
    }

    private static PosixException refused(CString program, Errno errno) {
        return new PosixException(
                new PosixCall("execve", List.of(program.quoted(), "...", "..."), "-1", errno));
    }
}
