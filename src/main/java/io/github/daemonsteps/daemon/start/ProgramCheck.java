package io.github.daemonsteps.daemon.start;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.ProgramFile;
import java.util.List;
import java.util.Optional;

/**
 * Whether a process may execute a program, as far as access(2) and the first line of a script tell. What else the
 * kernel refuses, as a format that it does not know, only execve(2) itself shows.
 *
 * @param process who is to execute it, with the rights that it will have then
 */
record ProgramCheck(ForkedProcess process) {

    /**
     * Looks at the program.
     *
     * @throws PosixException as execve would, as far as that is seen
     */
    void check(CString program) {
        try {
            checkFile(program);
            Optional<CString> interpreter = new ProgramFile(program, process).interpreter();
            if (interpreter.isPresent()) {
                checkFile(interpreter.get());
            }
        } catch (PosixException failed) {
            throw refused(program, failed.errno());
        }
    }

    private void checkFile(CString file) {
        process.accessExecutable(file);
        if (!process.stat(file).isRegularFile()) {
            throw refused(file, Errno.EACCES);
        }
    }

    private static PosixException refused(CString program, Errno errno) {
        return new PosixException(
                new PosixCall("execve", List.of(program.quoted(), "...", "..."), "-1", errno));
    }
}
