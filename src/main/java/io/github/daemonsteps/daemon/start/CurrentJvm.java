package io.github.daemonsteps.daemon.start;

import io.github.daemonsteps.daemon.Readiness;
import io.github.daemonsteps.daemon.RestartResult;
import io.github.daemonsteps.daemon.StartResult;
import io.github.daemonsteps.daemon.StopResult;
import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.daemon.control.LibraryClasses;
import io.github.daemonsteps.daemon.readiness.Handshake;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.jvm.JvmCommandLine;
import io.github.daemonsteps.jvm.OptionFileReader;
import io.github.daemonsteps.jvm.RelaunchException;
import io.github.daemonsteps.jvm.RunningJvm;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.procfs.ProcLink;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The JVM that runs this code, to be started once more as a daemon. */
public final class CurrentJvm {

    private static final CString EXECUTABLE = CString.of("/proc/self/exe");

    private CurrentJvm() {
    }

    /** Returns the real user without reading {@code /proc}, which may be that of another pid namespace. */
    public static long user() {
        return NativePosix.get().getuid();
    }

    /** Returns the command of this JVM. */
    public static Program program(NativePosix posix) {
        return new Program(ProcLink.read(EXECUTABLE, posix).path(), commandLine(), List.of());
    }

    /**
     * Returns the executable file, to be executed again. A JDK that is upgraded while a JVM runs keeps its
     * path.
     *
     * @throws RelaunchException if a file with this path does not exist any more
     */
    private static CString executable(NativePosix posix) {
        ProcLink executable = ProcLink.read(EXECUTABLE, posix);
        if (executable.isRemoved() && !executable.exists(posix)) {
            throw new RelaunchException(
                    "JDK " + executable.path().quoted()
                            + ": removed or replaced since this JVM was started; start the JVM again");
        }
        return executable.path();
    }

    /**
     * Returns the working directory. Relative paths of the command line are resolved against it.
     *
     * @throws RelaunchException if the directory was removed
     */
    private static CString workingDirectory(NativePosix posix) {
        ProcLink directory = ProcLink.workingDirectory(posix);
        if (directory.isRemoved()) {
            throw new RelaunchException("the working directory of this JVM, " + directory.path().quoted()
                    + ", was removed: start the JVM in another one");
        }
        return directory.path();
    }

    private static List<CString> commandLine() {
        return Environment.strings(Path.of("/proc/self/cmdline"));
    }

    /** Starts the JVM with the command line that it was started with. */
    public static StartResult start(DaemonConfig config) {
        return startWith(config, null);
    }

    /** Starts the JVM with these as the application's own arguments. */
    public static StartResult start(DaemonConfig config, List<CString> arguments) {
        return startWith(config, arguments);
    }

    /**
     * Returns the command of this JVM with another subcommand. The application's other arguments stay as they
     * are, byte for byte.
     *
     * @param subcommand the subcommand of this JVM
     * @param rest the application's arguments after the subcommand
     * @param replacement the words in place of the subcommand
     * @param isForDaemon whether the command has the options for the daemon's JVM alone
     * @throws RelaunchException if an option cannot be passed on
     */
    public static Program withSubcommand(DaemonConfig config, String subcommand, List<String> rest,
            List<CString> replacement, boolean isForDaemon) {
        NativePosix posix = config.posix();
        RunningJvm jvm = running(posix, commandLine());
        List<CString> jvmOptions = new ArrayList<>();
        if (isForDaemon) {
            if (config.ownLog() != null) {
                jvmOptions.addAll(DumpFiles.options(config, jvm));
            }
            jvmOptions.addAll(config.jvmOptions());
        }
        JvmCommandLine same = JvmCommandLine.forRelaunch(jvm, jvmOptions,
                isForDaemon ? config.launcherOptions() : List.of(),
                OptionFileReader.ofJava());
        List<CString> words = new ArrayList<>(same.arguments());
        int index = words.size() - rest.size() - 1;
        if (index >= same.programArguments() && words.get(index).equals(CString.of(subcommand))) {
            words.remove(index);
            words.addAll(index, replacement);
        } else { // an argument file has the subcommand
            List<CString> arguments = new ArrayList<>(replacement);
            arguments.addAll(CString.listOf(rest.toArray(String[]::new)));
            words = same.withProgramArguments(arguments).arguments();
        }
        return new Program(jvm.executable(), words, same.environment());
    }

    private static StartResult startWith(DaemonConfig config, @Nullable List<CString> arguments) {
        try {
            List<CString> ownCommandLine = commandLine();
            StartResult result = Start.run(config, program(config, ownCommandLine, arguments),
                    Readiness.handshake());
            if (result instanceof StartResult.Started) {
                return Start.withWarnings(result, StaleCache.warnings(ownCommandLine));
            }
            return !config.isApplication() && result instanceof StartResult.Failed failed
                    && failed.reason().startsWith(StartTransaction.EXITED) ? advised(failed) : result;
        } catch (RelaunchException e) {
            return refused(config, e);
        }
    }

    /**
     * Takes the steps of a start of this JVM, and rolls them back. Loads the classes that a launcher loads
     * before it waits. Options that create an AOT cache are left out of the command line: this JVM creates
     * the cache, and the daemon would not.
     *
     * @return why the start would fail, or that the daemon runs; empty if all steps have succeeded
     */
    public static Optional<StartResult> dryRun(DaemonConfig config) {
        try {
            List<CString> ownCommandLine = new ArrayList<>(commandLine());
            ownCommandLine.removeIf(CurrentJvm::createsCache);
            LibraryClasses.loadBeforeWait(config);
            return Start.dryRun(config, program(config, ownCommandLine, null), Readiness.handshake());
        } catch (RelaunchException e) {
            return Optional.of(refused(config, e));
        }
    }

    private static boolean createsCache(CString argument) {
        String text = argument.toString();
        return text.startsWith("-XX:AOTCacheOutput=") || text.startsWith("-XX:AOTConfiguration=")
                || text.startsWith("-XX:AOTMode=");
    }

    /** Restarts the JVM with the command line that it was started with. */
    public static RestartResult restart(DaemonConfig config, Consumer<StopResult> listener) {
        return restartWith(config, null, listener);
    }

    /** Restarts the JVM with these as the application's own arguments. */
    public static RestartResult restart(DaemonConfig config, List<CString> arguments) {
        return restartWith(config, arguments, _ -> {
        });
    }

    private static RestartResult restartWith(DaemonConfig config, @Nullable List<CString> arguments,
            Consumer<StopResult> listener) {
        try {
            List<CString> ownCommandLine = commandLine();
            RestartResult result = Restart.run(config, program(config, ownCommandLine, arguments),
                    Readiness.handshake(), listener);
            return result instanceof RestartResult.Restarted restarted
                    ? new RestartResult.Restarted(restarted.stopped(),
                            Start.withWarnings(restarted.started(), StaleCache.warnings(ownCommandLine)))
                    : result;
        } catch (RelaunchException e) {
            return Restart.refused(config, refused(config, e));
        }
    }

    /** Adds the likely reason why this program exits when it is executed again. */
    private static StartResult advised(StartResult.Failed failed) {
        String main = System.getProperty("sun.java.command", "").replaceFirst(" .*", "");
        return new StartResult.Failed(failed.name(), failed.reason() + "; the program of this JVM, " + main
                + ", was executed again and must call Daemon.launch or Daemon.run" + (isTest()
                        ? "; in a test use TestDaemon of daemon-steps-testkit"
                        : ""),
                failed.errno(), failed.programMissing(), failed.log(), failed.logTail());
    }

    private static boolean isTest() {
        return StackWalker.getInstance().walk(frames -> frames
                .anyMatch(frame -> frame.getClassName().startsWith("org.junit.")));
    }

    private static StartResult refused(DaemonConfig config, RelaunchException refused) {
        return new StartResult.Failed(config.name(), String.valueOf(refused.getMessage()), null, false, "",
                List.of());
    }

    /**
     * Returns the command that starts this JVM again.
     *
     * @param ownCommandLine the command line of this JVM
     * @param arguments the application's own arguments; null for those of this JVM
     */
    private static Program program(DaemonConfig config, List<CString> ownCommandLine,
            @Nullable List<CString> arguments) {
        if (Handshake.ofThisProcess().isPresent()) {
            throw new IllegalStateException(
                    "this process is the daemon: start and restart must run in another process");
        }
        NativePosix posix = config.posix();
        RunningJvm jvm = running(posix, ownCommandLine);
        List<CString> jvmOptions = new ArrayList<>(DumpFiles.options(config, jvm));
        jvmOptions.addAll(config.jvmOptions());
        JvmCommandLine same = JvmCommandLine.forRelaunch(jvm, jvmOptions, config.launcherOptions(),
                OptionFileReader.ofJava());
        JvmCommandLine again = arguments == null ? same : same.withProgramArguments(arguments);
        return new Program(jvm.executable(), again.arguments(), again.environment());
    }

    private static RunningJvm running(NativePosix posix, List<CString> ownCommandLine) {
        return new RunningJvm(executable(posix), ownCommandLine, workingDirectory(posix),
                Environment.inherited().variables());
    }
}
