package io.github.daemonsteps.daemon;

import io.github.daemonsteps.daemon.pidfile.DaemonRecord;
import io.github.daemonsteps.daemon.pidfile.PidFile;
import io.github.daemonsteps.daemon.pidfile.PidFileLocker;
import io.github.daemonsteps.daemon.start.CurrentJvm;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;

/**
 * A run in the foreground that pauses between the lock of its pid file and the number in it. Its argument
 * is the pid file.
 */
final class PausedRun {

    private PausedRun() {
    }

    public static void main(String[] args) throws Exception {
        NativePosix posix = NativePosix.get();
        var pidFile = new PidFile(CString.of(args[0]));
        new PidFileLocker(pidFile, posix).lock();
        pidFile.record().write(
                DaemonRecord.of(posix.getpid(), DaemonRecord.Mode.FOREGROUND, CurrentJvm.program(posix))
                        .orElseThrow(),
                posix);
        System.out.println(posix.getpid());
        System.in.read();
    }
}
