package io.github.daemonsteps.daemon;

import io.github.daemonsteps.Environment;
import io.github.daemonsteps.Program;
import io.github.daemonsteps.handover.FileReader;
import io.github.daemonsteps.handover.HandOverException;
import io.github.daemonsteps.handover.JvmCommandLine;
import io.github.daemonsteps.handover.RunningJvm;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.NativePosix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

/** The JVM that runs this, to be started once more as a daemon. */
final class ThisJvm {

    private static final CString EXECUTABLE = CString.of("/proc/self/exe");
    private static final CString DIRECTORY = CString.of("/proc/self/cwd");

    private ThisJvm() {
    }

    /** Whether it is root's. */
    static boolean isRoot() {
        try {
            return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException unreadable) {
            throw new UncheckedIOException("/proc/self cannot be read", unreadable);
        }
    }

    /** Starts it with the command line that it was started with. */
    static StartResult start(Daemon daemon) {
        return start(daemon, commandLine -> commandLine);
    }

    /** Starts it with these as the application's own arguments. */
    static StartResult start(Daemon daemon, List<CString> arguments) {
        return start(daemon, commandLine -> commandLine.withProgramArguments(arguments));
    }

    private static StartResult start(Daemon daemon, UnaryOperator<JvmCommandLine> change) {
        if (Handshake.ofThisProcess().isPresent()) {
            throw new IllegalStateException(
                    "this is the daemon already: it can be started from its launcher only");
        }
        NativePosix posix = NativePosix.get();
        var jvm =
                new RunningJvm(posix.readlink(EXECUTABLE), Environment.strings(Path.of("/proc/self/cmdline")),
                        posix.readlink(DIRECTORY), Environment.inherited().variables());
        try {
            JvmCommandLine again =
                    change.apply(JvmCommandLine.toStartAgain(jvm, daemon.jvmOptions(), FileReader.ofJava()));
            return daemon.start(new Program(jvm.executable(), again.arguments(), again.environment()),
                    Readiness.told());
        } catch (HandOverException refused) {
            return new StartResult.Failed(daemon.name(), String.valueOf(refused.getMessage()), null, false,
                    daemon.log().toString(), List.of());
        }
    }
}
