package io.github.daemonsteps.daemon.unit;

import io.github.daemonsteps.posix.CString;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Words of sh(1). */
final class ShellQuoting {

    private static final String PLAIN = "[A-Za-z0-9_@%+=:,./-]+";

    private ShellQuoting() {
    }

    /** Returns a command of these words. */
    static CString command(List<CString> words) {
        CString command = word(words.getFirst());
        for (CString word : words.subList(1, words.size())) {
            command = command.plus(CString.of(" ")).plus(word(word));
        }
        return command;
    }

    private static CString word(CString word) {
        String bytes = new String(word.bytes(), StandardCharsets.ISO_8859_1);
        return bytes.matches(PLAIN)
                ? word
                : CString.ofBytes(("'" + bytes.replace("'", "'\\''") + "'")
                        .getBytes(StandardCharsets.ISO_8859_1));
    }
}
