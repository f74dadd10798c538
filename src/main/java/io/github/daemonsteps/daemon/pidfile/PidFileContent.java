package io.github.daemonsteps.daemon.pidfile;

import io.github.daemonsteps.text.AsciiNumber;
import java.nio.charset.StandardCharsets;

/**
 * The content of a pid file: a decimal number and a newline. An interrupted start or machine may also leave
 * an empty file, a number without the newline, white space or NUL bytes. A file with any other content is not
 * a pid file, and is neither acquired nor removed.
 *
 * @param number the process id; {@link PidFile#NO_PID} unless the file holds a number and a newline, and
 *        nothing else
 * @param isOfPidFile whether a pid file may have this content
 */
record PidFileContent(int number, boolean isOfPidFile) {

    private static final int MAX_BYTES = 32;
    private static final int MAX_DIGITS = 9;
    private static final String NUL = "\0";

    /** The number of bytes to read: enough to find that a file is too long. */
    static final int BYTES_TO_READ = MAX_BYTES + 1;

    static PidFileContent of(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        String word = text.replace(NUL, "").strip();
        boolean isOfPidFile = bytes.length <= MAX_BYTES && isOfDigits(word);
        boolean isNumber = isOfPidFile && !word.isEmpty() && word.length() <= MAX_DIGITS
                && text.equals(word + "\n");
        return new PidFileContent(isNumber ? AsciiNumber.parseInt(word) : PidFile.NO_PID, isOfPidFile);
    }

    private static boolean isOfDigits(String word) {
        for (int i = 0; i < word.length(); i++) {
            if (word.charAt(i) < '0' || word.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }
}
