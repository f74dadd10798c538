package io.github.daemonsteps;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.Posix;
import io.github.daemonsteps.posix.PosixException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;

/**
 * The file of a program as execve(2) reads it. The errno of execve is the same for a missing program
 * and a missing interpreter.
 *
 * @param path its path
 * @param posix the process whose rights apply
 */
public record ProgramFile(CString path, Posix posix) {

    /** Number of bytes that the kernel reads of a script, {@code BINPRM_BUF_SIZE} of linux/binfmts.h. */
    private static final int FIRST_LINE_BYTES = 256;

    /** A program may be reached through symbolic links. */
    private static final Set<OpenFlag> READ_FLAGS =
            Set.of(OpenFlag.O_RDONLY, OpenFlag.O_NONBLOCK, OpenFlag.O_NOCTTY, OpenFlag.O_CLOEXEC);

    private static final String SCRIPT = "#!";
    private static final String ELF = "\177ELF";

    /** Returns the interpreter that the first line of a script names; empty if the file is not a script, or unreadable. */
    public Optional<CString> interpreter() {
        String text = beginning();
        if (!text.startsWith(SCRIPT)) {
            return Optional.empty();
        }
        String line = text.substring(SCRIPT.length()).split("\n", 2)[0];
        String[] words = stripBlanks(line).split("[ \t]+", 2);
        return words[0].isEmpty()
                ? Optional.empty()
                : Optional.of(CString.ofBytes(words[0].getBytes(StandardCharsets.ISO_8859_1)));
    }

    /**
     * Returns whether the program itself is missing, and not only its interpreter.
     *
     * @param errno the errno of execve(2)
     */
    public boolean isMissing(Errno errno) {
        return errno.equals(Errno.ENOENT) && !exists();
    }

    /**
     * Returns the message of a failed execve(2), followed by what is wrong with the file.
     *
     * @param message the call
     * @param errno its errno
     */
    public String explained(String message, Errno errno) {
        return explain(errno).map(explanation -> message + ": " + explanation).orElse(message);
    }

    /**
     * Returns what is wrong with the file, in one line.
     *
     * @param errno the errno of execve(2)
     * @return the line; empty if the errno says all that is known
     */
    Optional<String> explain(Errno errno) {
        if (errno.equals(Errno.ENOENT) && exists()) {
            return Optional.of(interpreter().map(this::explainInterpreter).orElse(path.quoted()
                    + " exists, but its loader does not: built for another C library or architecture"));
        }
        if (errno.equals(Errno.EACCES)) {
            return interpreter().filter(interpreter -> !isExecutable(interpreter))
                    .map(interpreter -> "its interpreter " + interpreter.quoted() + " may not be executed");
        }
        if (errno.equals(Errno.ENOEXEC)) {
            return Optional.of(beginning().startsWith(ELF)
                    ? path.quoted() + " was built for another architecture, or is damaged"
                    : path.quoted() + " does not begin with \"#!\" and an interpreter, such as #!/bin/sh");
        }
        return Optional.empty();
    }

    private String explainInterpreter(CString interpreter) {
        return interpreter.lastIndexOf('\r') == interpreter.length() - 1
                ? "the first line of the script " + path.quoted() + " ends with a carriage return, and "
                        + interpreter.quoted()
                        + " is not an interpreter: remove the carriage returns (sed -i 's/\\r$//')"
                : "the interpreter of the script " + path.quoted() + ", " + interpreter.quoted()
                        + ", is not there";
    }

    private boolean exists() {
        try {
            posix.stat(path);
            return true;
        } catch (PosixException e) {
            return false;
        }
    }

    private boolean isExecutable(CString file) {
        try {
            posix.accessExecutable(file);
            return true;
        } catch (PosixException e) {
            return false;
        }
    }

    /** Returns the first bytes of the file; none if the process may not read it. */
    private String beginning() {
        try {
            int fd = posix.open(path, READ_FLAGS, FileMode.of(0));
            try {
                return new String(posix.read(fd, FIRST_LINE_BYTES), StandardCharsets.ISO_8859_1);
            } finally {
                posix.close(fd);
            }
        } catch (PosixException e) {
            return "";
        }
    }

    /** Removes blanks and tabs at both ends: the kernel skips no other characters. */
    private static String stripBlanks(String line) {
        return line.replaceAll("^[ \t]+|[ \t]+$", "");
    }
}
