package io.github.daemonsteps.jvm;

import io.github.daemonsteps.jvm.Word.Argument;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An option of the JVM whose value holds paths. A daemon starts in {@code /}, so a relative path is either
 * made absolute or refused; refused it always is inside a file or a variable, which stay as they are.
 *
 * @param spelling     the option; one that ends in {@code =}, {@code :} or {@code @} is followed by its
 *                     value, another has it in the next word
 * @param shape        where the paths are
 * @param madeAbsolute or else refused when relative
 */
record PathOption(String spelling, PathShape shape, boolean madeAbsolute) {

    /** Stands for the file itself in the source-file mode of the launcher, as in its help. */
    static final String SOURCE_FILE = "<sourcefile>";
    static final String ARG_FILE = "@";
    static final String VM_OPTIONS_FILE = "-XX:VMOptionsFile=";

    /** Every option with a path, once. */
    static final List<PathOption> ALL = Stream.of(
            madeAbsolute(PathShape.CLASS_PATH, "-cp", "-classpath", "--class-path", "--class-path=",
                    "-Djava.class.path="),
            madeAbsolute(PathShape.FILE, "-jar", SOURCE_FILE, ARG_FILE),
            madeAbsolute(PathShape.MODULE_PATH, "-p", "--module-path", "--module-path=",
                    "--upgrade-module-path", "--upgrade-module-path="),
            madeAbsolute(PathShape.MODULE_PATCH, "--patch-module", "--patch-module="),
            madeAbsolute(PathShape.LIST, "-Xbootclasspath/a:"),
            madeAbsolute(PathShape.FILE_THEN_OPTIONS, "-javaagent:", "-agentpath:"),

            refused(PathShape.FILE, "-splash:"),
            refused(PathShape.LOG_OUTPUT, "-Xlog:"),
            refused(PathShape.FILE, "-Xloggc:"),
            refused(PathShape.FLIGHT_RECORDING, "-XX:StartFlightRecording=", "-XX:StartFlightRecording:"),
            refused(PathShape.FLIGHT_RECORDER, "-XX:FlightRecorderOptions=", "-XX:FlightRecorderOptions:"),
            refused(PathShape.LIST, "-XX:SharedArchiveFile="),
            refused(PathShape.FILE, "-XX:AOTCache=", "-XX:AOTCacheOutput=", "-XX:AOTConfiguration=",
                    "-XX:AllocateHeapAt=", "-XX:ArchiveClassesAtExit=", "-XX:CompileCommandFile=",
                    "-XX:CompilerDirectivesFile=", "-XX:DumpLoadedClassList=", "-XX:ErrorFile=",
                    "-XX:ExtraSharedClassListFile=", "-XX:Flags=", "-XX:HeapDumpPath=",
                    "-XX:InlineDataFile=", "-XX:LogFile=", "-XX:PauseAtStartupFile=",
                    "-XX:PerfDataSaveFile=", "-XX:ReplayDataFile=", "-XX:SharedArchiveConfigFile=",
                    "-XX:SharedClassListFile=", VM_OPTIONS_FILE),
            refused(PathShape.LIST, "-Djava.library.path="),
            refused(PathShape.FILE, "-Djava.io.tmpdir=", "-Djava.util.logging.config.file=",
                    "-Djava.util.prefs.systemRoot=", "-Djava.util.prefs.userRoot=",
                    "-Djava.security.krb5.conf=", "-Djava.xml.config.file=", "-Djdk.net.hosts.file=",
                    "-Djdk.net.unixdomain.tmpdir=", "-Dcom.sun.management.config.file=",
                    "-Dcom.sun.management.jmxremote.access.file=",
                    "-Dcom.sun.management.jmxremote.password.file=",
                    "-Dcom.sun.management.jmxremote.ssl.config.file="),
            refused(PathShape.KEY_STORE, "-Djavax.net.ssl.keyStore=", "-Djavax.net.ssl.trustStore="),
            refused(PathShape.FILE_OR_URL, "-Djava.security.auth.login.config=",
                    "-Djava.security.properties="))
            .flatMap(options -> options)
            .toList();

    /** The spellings of the class path. */
    static final Set<String> CLASS_PATH = ALL.stream()
            .filter(row -> row.shape == PathShape.CLASS_PATH)
            .map(PathOption::spelling)
            .collect(Collectors.toUnmodifiableSet());

    private static Stream<PathOption> madeAbsolute(PathShape shape, String... spellings) {
        return Stream.of(spellings).map(spelling -> new PathOption(spelling, shape, true));
    }

    private static Stream<PathOption> refused(PathShape shape, String... spellings) {
        return Stream.of(spellings).map(spelling -> new PathOption(spelling, shape, false));
    }

    /** The row for {@code word}, or null if it is no option with a path. */
    static @Nullable PathOption of(String word) {
        return ALL.stream().filter(row -> Launch.isSpelled(word, row.spelling)).findFirst().orElse(null);
    }

    /**
     * Returns the value of {@code option}, to which this row applies, with its paths resolved against {@code directory}.
     *
     * @throws HandOverException if a path is relative and must not be changed
     */
    String absolute(Launch.Option option, AbsolutePaths directory) {
        if (madeAbsolute && option.place() instanceof Argument) {
            return directory.in(option.value(spelling), shape, option.quoted());
        }
        refuseRelative(option);
        return option.value(spelling);
    }

    /** The paths in the value of {@code option}. */
    List<String> paths(Launch.Option option) {
        return shape.paths(option.value(spelling));
    }

    /**
     * Does nothing if {@code option} has only absolute paths, or none.
     *
     * @throws HandOverException if it has a relative one
     */
    static void refuseRelative(Launch.Option option) {
        PathOption row = of(option.word().text());
        if (row == null) {
            return;
        }
        for (String path : row.paths(option)) {
            if (!path.startsWith("/")) {
                throw new HandOverException(option.quoted() + ": " + Bytes.quoted(path)
                        + " is relative, and the daemon starts in /: give it as an absolute path");
            }
        }
    }
}
