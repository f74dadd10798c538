package io.github.daemonsteps.daemon;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.procfs.ProcLocks;
import java.nio.file.Path;

/** Checks of pid files. */
final class PidFiles {

    private PidFiles() {
    }

    /** Returns whether the kernel shows that a process holds the lock of the file. */
    static boolean isHeldBy(int pid, Path pidFile) {
        NativePosix posix = NativePosix.get();
        return new ProcLocks(posix).holds(pid, posix.stat(CString.of(pidFile))) == ProcLocks.Holding.YES;
    }

    /** Returns the record beside the pid file. */
    static Path record(Path pidFile) {
        return pidFile.resolveSibling(pidFile.getFileName() + ".record");
    }
}
