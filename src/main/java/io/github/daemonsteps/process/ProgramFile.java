package io.github.daemonsteps.process;

import io.github.daemonsteps.posix.AccessMode;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.Posix;
import io.github.daemonsteps.posix.PosixException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The file of a program as execve(2) reads it. The errno of execve is the same for a missing program and a
 * missing interpreter.
 *
 * @param path the path of the file
 * @param posix the process whose rights apply
 */
public record ProgramFile(CString path, Posix posix) {

    /** Number of bytes that the kernel reads of a script, {@code BINPRM_BUF_SIZE} of linux/binfmts.h. */
    private static final int FIRST_LINE_BYTES = 256;

    /** The flags of the opening. Symbolic links are followed, since a program may be reached through them. */
    private static final Set<OpenFlag> READ_FLAGS =
            Set.of(OpenFlag.O_RDONLY, OpenFlag.O_NONBLOCK, OpenFlag.O_NOCTTY, OpenFlag.O_CLOEXEC);

    private static final String SCRIPT = "#!";
    private static final String ELF = "\177ELF";

    /** The first bytes of a text in UTF-8 and in both orders of UTF-16. */
    private static final List<String> BYTE_ORDER_MARKS =
            List.of("\u00ef\u00bb\u00bf", "\u00ff\u00fe", "\u00fe\u00ff");

    private static final String REMOVE_CARRIAGE_RETURNS =
            ": remove the carriage returns (sed -i 's/\\r$//')";
    private static final String SHORTEN = ": shorten it, such as by a link to the interpreter";

    /**
     * Returns the interpreter that the first line of a script names. Of a name that is too long, only the
     * part that the kernel reads is returned.
     *
     * @return the interpreter; empty if the file is not a script, or is unreadable
     */
    public Optional<CString> interpreter() {
        return scriptWords(beginning()).map(words -> bytes(words[0]));
    }

    /**
     * Returns a warning if the kernel passes an argument to a script's interpreter that the author can hardly
     * have meant. Some interpreters accept it, so it is not a failure.
     *
     * @return the warning, in one line; empty if there is none
     */
    public Optional<String> warning() {
        String text = beginning();
        return scriptWords(text).filter(words -> words.length == 2).flatMap(words -> {
            if (isCut(text)) {
                return Optional.of(tooLong() + ": its interpreter gets a part of the argument");
            }
            return words[1].endsWith("\r")
                    ? Optional.of(carriageReturn() + ", which is passed to its interpreter in the argument "
                            + bytes(words[1]).quoted() + REMOVE_CARRIAGE_RETURNS)
                    : Optional.empty();
        });
    }

    /**
     * Returns whether the program itself is missing, and not only its interpreter.
     *
     * @param errno the errno of execve(2)
     * @return whether the program itself is missing
     */
    public boolean isMissing(Errno errno) {
        return errno.equals(Errno.ENOENT) && !exists();
    }

    /**
     * Returns the message of a failed execve(2), followed by the problem of the file.
     *
     * @param message the call
     * @param errno the errno of the call
     * @return the message
     */
    public String explained(String message, Errno errno) {
        return explain(errno).map(explanation -> message + ": " + explanation).orElse(message);
    }

    /**
     * Returns the problem of the file, in one line.
     *
     * @param errno the errno of execve(2)
     * @return the line; empty if the errno says all that is known
     */
    public Optional<String> explain(Errno errno) {
        if (errno.equals(Errno.ENOENT) && exists()) {
            return Optional.of(interpreter().map(this::explainInterpreter).orElse(path.quoted()
                    + " exists, but its loader does not: built for another C library or architecture"));
        }
        if (errno.equals(Errno.ENOENT) || errno.equals(Errno.ELOOP)) {
            return isLink()
                    ? Optional
                            .of(path.quoted() + " is a symbolic link that leads to no file: correct the link")
                    : Optional.empty();
        }
        if (errno.equals(Errno.EACCES)) {
            return isDirectory(path)
                    ? Optional.of(path.quoted() + " is a directory: give the program in it")
                    : interpreter().flatMap(this::explainDenied);
        }
        return errno.equals(Errno.ENOEXEC) ? Optional.of(explainFormat(beginning())) : Optional.empty();
    }

    private String explainInterpreter(CString interpreter) {
        if (scriptWords(beginning()).filter(words -> words.length == 1).isPresent() && isCut(beginning())) {
            return tooLong() + SHORTEN;
        }
        return interpreter.lastIndexOf('\r') == interpreter.length() - 1
                ? carriageReturn() + ", and " + interpreter.quoted() + " is not an interpreter"
                        + REMOVE_CARRIAGE_RETURNS
                : "the interpreter of the script " + path.quoted() + ", " + interpreter.quoted()
                        + ", is not there";
    }

    private Optional<String> explainDenied(CString interpreter) {
        if (isDirectory(interpreter)) {
            return Optional.of("its interpreter " + interpreter.quoted()
                    + " is a directory: name a program after \"#!\"");
        }
        return isExecutable(interpreter)
                ? Optional.empty()
                : Optional.of("its interpreter " + interpreter.quoted() + " may not be executed");
    }

    private String explainFormat(String text) {
        if (text.startsWith(ELF)) {
            return path.quoted() + " was built for another architecture, or is damaged";
        }
        if (BYTE_ORDER_MARKS.stream().anyMatch(text::startsWith)) {
            return path.quoted() + " begins with a byte order mark: save it as UTF-8 without one";
        }
        return text.startsWith(SCRIPT) && isCut(text)
                ? tooLong() + SHORTEN
                : path.quoted() + " does not begin with \"#!\" and an interpreter, such as #!/bin/sh";
    }

    private String carriageReturn() {
        return "the first line of the script " + path.quoted() + " ends with a carriage return";
    }

    private String tooLong() {
        return "the first line of the script " + path.quoted() + " is longer than the "
                + (FIRST_LINE_BYTES - 1) + " bytes that the kernel reads";
    }

    /** Returns the interpreter and its argument, if any; empty if the text does not begin as a script. */
    private static Optional<String[]> scriptWords(String text) {
        if (!text.startsWith(SCRIPT)) {
            return Optional.empty();
        }
        String line = text.substring(SCRIPT.length()).split("\n", 2)[0];
        String[] words = stripBlanks(line).split("[ \t]+", 2);
        return words[0].isEmpty() ? Optional.empty() : Optional.of(words);
    }

    /** Returns whether the first line is longer than the bytes that the kernel reads. */
    private static boolean isCut(String text) {
        return text.length() == FIRST_LINE_BYTES && text.indexOf('\n') < 0;
    }

    private static CString bytes(String text) {
        return CString.ofBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private boolean isDirectory(CString file) {
        return posix.tryStat(file).filter(FileStatus::isDirectory).isPresent();
    }

    private boolean exists() {
        return posix.tryStat(path).isPresent();
    }

    /**
     * Returns whether the path itself exists. The callers ask this only of a path without a file, so the path
     * is then a symbolic link.
     */
    private boolean isLink() {
        try {
            posix.lstat(path);
            return true;
        } catch (PosixException e) {
            return false;
        }
    }

    private boolean isExecutable(CString file) {
        try {
            posix.access(file, Set.of(AccessMode.X_OK));
            return true;
        } catch (PosixException e) {
            return false;
        }
    }

    /** Returns the first bytes of the file; none if this process may not read the file. */
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
