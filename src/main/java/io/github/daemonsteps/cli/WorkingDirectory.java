package io.github.daemonsteps.cli;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.procfs.ProcLink;

/** The working directory of the command's caller, against which paths are resolved. */
final class WorkingDirectory {

    private static final CString HERE = CString.of("./");

    private WorkingDirectory() {
    }

    /**
     * Returns the path, made absolute.
     *
     * @throws CommandException if the current directory was removed
     */
    static CString absolute(CString path) {
        if (path.isAbsolutePath()) {
            return path;
        }
        CString plain = path;
        while (plain.startsWith(HERE)) {
            plain = plain.from(HERE.length());
        }
        ProcLink here = ProcLink.workingDirectory(NativePosix.get());
        if (here.isRemoved()) {
            throw new CommandException(1, "the current directory, " + here.path().quoted()
                    + ", has been removed: change to another one");
        }
        return here.path().resolve(plain);
    }
}
