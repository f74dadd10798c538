package io.github.daemonsteps.cli;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.NativePosix;

/** Where the command was typed, and what paths that were typed mean there. */
final class WorkingDirectory {

    private static final CString LINK = CString.of("/proc/self/cwd");
    private static final CString HERE = CString.of("./");

    private WorkingDirectory() {
    }

    /** The path, made absolute. */
    static CString absolute(CString path) {
        if (path.isAbsolutePath()) {
            return path;
        }
        CString plain = path;
        while (plain.startsWith(HERE)) {
            plain = plain.from(HERE.length());
        }
        return NativePosix.get().readlink(LINK).resolve(plain);
    }
}
