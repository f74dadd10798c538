package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.posix.PosixException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a process may execute a program, as far as access(2) and the first line of a script tell. What else the
 * kernel refuses, as a format that it does not know, only execve(2) itself shows.
 *
 * @param process who is to execute it, with the rights that it will have then
 */
record ProgramCheck(ForkedProcess process) {

    /** As many bytes of a script as the kernel looks at. */
    private static final int FIRST_LINE_BYTES = 256;

    /** Programs are reached through symbolic links too. */
    private static final Set<OpenFlag> LOOKING =
            Set.of(OpenFlag.O_RDONLY, OpenFlag.O_NONBLOCK, OpenFlag.O_NOCTTY, OpenFlag.O_CLOEXEC);

    private static final String SCRIPT = "#!";

    /**
     * Looks at the program.
     *
     * @throws PosixException as execve would, as far as that is seen
     */
    void check(CString program) {
        try {
            checkFile(program);
            Optional<CString> interpreter = interpreter(program);
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

    /** That of a script; empty if it is none, or cannot be read by who may execute it. */
    private Optional<CString> interpreter(CString program) {
        String text;
        try {
            int fd = process.open(program, LOOKING, FileMode.of(0));
            text = new String(process.read(fd, FIRST_LINE_BYTES), StandardCharsets.ISO_8859_1);
            process.close(fd);
        } catch (PosixException unreadable) {
            return Optional.empty();
        }
        if (!text.startsWith(SCRIPT)) {
            return Optional.empty();
        }
        String[] words = text.substring(SCRIPT.length()).split("\n", 2)[0].strip().split("[ \t]+", 2);
        return words[0].isEmpty()
                ? Optional.empty()
                : Optional.of(CString.ofBytes(words[0].getBytes(StandardCharsets.ISO_8859_1)));
    }
}
