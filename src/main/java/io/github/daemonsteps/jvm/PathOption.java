package io.github.daemonsteps.jvm;

import io.github.daemonsteps.jvm.JvmArgument.Argument;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An option of the JVM whose value contains paths. A daemon starts in {@code /}, so a relative path is either
 * made absolute or refused. Inside a file or a variable a relative path is always refused, since files and
 * variables stay unchanged.
 *
 * @param spelling the option. The value follows directly if the option ends in {@code =}, {@code :} or
 *         {@code @}; otherwise the value is the next argument
 * @param shape the position of the paths
 * @param madeAbsolute whether a relative path is made absolute; else it is refused
 */
record PathOption(String spelling, PathSyntax shape, boolean madeAbsolute) {

    /**
     * The stand-in for the file itself in the source-file mode of the launcher, as in the launcher's help.
     */
    static final String SOURCE_FILE = "<sourcefile>";
    static final String ARG_FILE = "@";
    static final String VM_OPTIONS_FILE = "-XX:VMOptionsFile=";

    /** Every option with a path, once. */
    static final List<PathOption> ALL = joined(List.of(
            madeAbsolute(PathSyntax.CLASS_PATH, "-cp", "-classpath", "--class-path", "--class-path=",
                    "-Djava.class.path="),
            madeAbsolute(PathSyntax.FILE, "-jar", SOURCE_FILE, ARG_FILE),
            madeAbsolute(PathSyntax.MODULE_PATH, "-p", "--module-path", "--module-path=",
                    "--upgrade-module-path", "--upgrade-module-path="),
            madeAbsolute(PathSyntax.MODULE_PATCH, "--patch-module", "--patch-module="),
            madeAbsolute(PathSyntax.LIST, "-Xbootclasspath/a:"),
            madeAbsolute(PathSyntax.FILE_THEN_OPTIONS, "-javaagent:", "-agentpath:"),

            refused(PathSyntax.FILE, "-splash:"),
            refused(PathSyntax.LOG_OUTPUT, "-Xlog:"),
            refused(PathSyntax.FILE, "-Xloggc:"),
            refused(PathSyntax.FLIGHT_RECORDING, "-XX:StartFlightRecording=", "-XX:StartFlightRecording:"),
            refused(PathSyntax.FLIGHT_RECORDER, "-XX:FlightRecorderOptions=", "-XX:FlightRecorderOptions:"),
            refused(PathSyntax.LIST, "-XX:SharedArchiveFile="),
            refused(PathSyntax.FILE, "-XX:AOTCache=", "-XX:AOTCacheOutput=", "-XX:AOTConfiguration=",
                    "-XX:AllocateHeapAt=", "-XX:ArchiveClassesAtExit=", "-XX:CompileCommandFile=",
                    "-XX:CompilerDirectivesFile=", "-XX:DumpLoadedClassList=", "-XX:ErrorFile=",
                    "-XX:ExtraSharedClassListFile=", "-XX:Flags=", "-XX:HeapDumpPath=",
                    "-XX:InlineDataFile=", "-XX:LogFile=", "-XX:PauseAtStartupFile=",
                    "-XX:PerfDataSaveFile=", "-XX:ReplayDataFile=", "-XX:SharedArchiveConfigFile=",
                    "-XX:SharedClassListFile=", VM_OPTIONS_FILE),
            refused(PathSyntax.LIST, "-Djava.library.path="),
            refused(PathSyntax.FILE, "-Djava.io.tmpdir=", "-Djava.util.logging.config.file=",
                    "-Djava.util.prefs.systemRoot=", "-Djava.util.prefs.userRoot=",
                    "-Djava.security.krb5.conf=", "-Djava.xml.config.file=", "-Djdk.net.hosts.file=",
                    "-Djdk.net.unixdomain.tmpdir=", "-Dcom.sun.management.config.file=",
                    "-Dcom.sun.management.jmxremote.access.file=",
                    "-Dcom.sun.management.jmxremote.password.file=",
                    "-Dcom.sun.management.jmxremote.ssl.config.file="),
            refused(PathSyntax.KEY_STORE, "-Djavax.net.ssl.keyStore=", "-Djavax.net.ssl.trustStore="),
            refused(PathSyntax.FILE_OR_URL, "-Djava.security.auth.login.config=",
                    "-Djava.security.properties=")));

    /** The spellings of the class path. */
    static final Set<String> CLASS_PATH = spellings(PathSyntax.CLASS_PATH);

    private static List<PathOption> madeAbsolute(PathSyntax shape, String... spellings) {
        return rows(shape, true, spellings);
    }

    private static List<PathOption> refused(PathSyntax shape, String... spellings) {
        return rows(shape, false, spellings);
    }

    private static List<PathOption> rows(PathSyntax shape, boolean madeAbsolute, String... spellings) {
        List<PathOption> rows = new ArrayList<>();
        for (String spelling : spellings) {
            rows.add(new PathOption(spelling, shape, madeAbsolute));
        }
        return rows;
    }

    private static List<PathOption> joined(List<List<PathOption>> parts) {
        List<PathOption> rows = new ArrayList<>();
        for (List<PathOption> part : parts) {
            rows.addAll(part);
        }
        return List.copyOf(rows);
    }

    private static Set<String> spellings(PathSyntax shape) {
        Set<String> spellings = new HashSet<>();
        for (PathOption row : ALL) {
            if (row.shape == shape) {
                spellings.add(row.spelling);
            }
        }
        return Set.copyOf(spellings);
    }

    /** Returns the row for {@code argument}, or null if {@code argument} is not an option with a path. */
    static @Nullable PathOption of(String argument) {
        for (PathOption row : ALL) {
            if (JavaLauncherArguments.isSpelled(argument, row.spelling)) {
                return row;
            }
        }
        return null;
    }

    /**
     * Returns the value of {@code option}, to which this row applies, with its paths resolved against
     * {@code directory}.
     *
     * @throws RelaunchException if a path is relative and must not be changed
     */
    String absolute(JavaLauncherArguments.Option option, AbsolutePaths directory) {
        if (madeAbsolute && option.place() instanceof Argument) {
            return directory.in(option.value(spelling), shape, option.quoted());
        }
        refuseRelative(option);
        return option.value(spelling);
    }

    /** Returns the paths in the value of {@code option}. */
    List<String> paths(JavaLauncherArguments.Option option) {
        return shape.paths(option.value(spelling));
    }

    /**
     * Returns if {@code option} has only absolute paths, or does not have a path.
     *
     * @throws RelaunchException if the option has a relative path
     */
    static void refuseRelative(JavaLauncherArguments.Option option) {
        PathOption row = of(option.argument().text());
        if (row == null) {
            return;
        }
        for (String path : row.paths(option)) {
            if (!path.startsWith("/")) {
                throw new RelaunchException(option.quoted() + ": " + Latin1.quoted(path)
                        + " is relative, and the daemon starts in /: give it as an absolute path");
            }
        }
    }
}
