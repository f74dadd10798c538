package io.github.daemonsteps.jvm;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An option of the JVM that acts twice: in the launcher, and in the daemon that runs beside the launcher.
 *
 * @param spelling the option, followed by its value
 * @param when the description of the values that the row applies to; empty for all values
 * @param condition the condition for these values
 * @param verdict the treatment of the option
 * @param reason the reason for the verdict
 */
record ConflictingOption(String spelling, String when, Condition condition, Verdict verdict,
        String reason) {

    /** The treatment of an option that acts twice. */
    enum Verdict {
        REFUSED, HARMLESS
    }

    /** The condition for a value. */
    enum Condition {
        ANY_VALUE, DEBUGGER_CONNECTS, DEBUGGER_HAS_FIXED_PORT, PORT_IS_FIXED, FILE_IS_FIXED
    }

    private static final String HELD = "the launcher already listens on its port";
    private static final String WRITTEN =
            "the launcher writes that file too (%p in its name makes it two files)";

    private static final List<String> WRITTEN_BY_BOTH = List.of("-Xlog:", "-Xloggc:",
            "-XX:StartFlightRecording=", "-XX:StartFlightRecording:", "-XX:ArchiveClassesAtExit=",
            "-XX:AOTCacheOutput=", "-XX:AOTConfiguration=", "-XX:DumpLoadedClassList=", "-XX:LogFile=",
            "-XX:PerfDataSaveFile=");

    /** All rows; the first row that applies decides. */
    static final List<ConflictingOption> ALL = all();

    private static List<ConflictingOption> all() {
        List<ConflictingOption> all = new ArrayList<>();
        for (String debugger : List.of("-agentlib:jdwp=", "-Xrunjdwp:")) {
            all.add(refused(debugger, "with `server=n`, which is the default",
                    Condition.DEBUGGER_CONNECTS,
                    "the debugger it connects to already has the launcher"));
            all.add(refused(debugger, "with `server=y` and a fixed port",
                    Condition.DEBUGGER_HAS_FIXED_PORT, HELD));
            all.add(harmless(debugger, "with `server=y` and no `address`, or port 0",
                    "each JVM listens on a free port"));
        }
        for (String port : List.of("port", "rmi.port", "local.port")) {
            String spelling = "-Dcom.sun.management.jmxremote." + port + "=";
            all.add(refused(spelling, "other than 0", Condition.PORT_IS_FIXED, HELD));
            all.add(harmless(spelling, "0", "each JVM listens on a free port"));
        }
        for (PathOption option : PathOption.ALL) {
            if (WRITTEN_BY_BOTH.contains(option.spelling())) {
                all.add(refused(option.spelling(), "with a file without `%p` in its name",
                        Condition.FILE_IS_FIXED, WRITTEN));
                all.add(harmless(option.spelling(), "otherwise",
                        "each JVM writes a file of its own, or none"));
            }
        }
        all.add(harmless("-XX:ErrorFile=", "", "written only by a JVM that crashes"));
        all.add(harmless("-XX:HeapDumpPath=", "", "written only by a JVM whose heap is dumped"));
        for (String recorder : List.of("-XX:FlightRecorderOptions=", "-XX:FlightRecorderOptions:")) {
            all.add(harmless(recorder, "", "each JVM has a directory of its own in its repository"));
        }
        all.add(harmless("-XX:+RecordDynamicDumpInfo", "", "written only when `jcmd` asks for it"));
        for (String agent : List.of("-javaagent:", "-agentpath:", "-agentlib:")) {
            all.add(harmless(agent, "", "unless it listens on a fixed port, which cannot be seen here"));
        }
        return List.copyOf(all);
    }

    private static ConflictingOption refused(String spelling, String when, Condition condition,
            String reason) {
        return new ConflictingOption(spelling, when, condition, Verdict.REFUSED, reason);
    }

    private static ConflictingOption harmless(String spelling, String when, String reason) {
        return new ConflictingOption(spelling, when, Condition.ANY_VALUE, Verdict.HARMLESS, reason);
    }

    /** Returns the row for {@code argument}, or null if the option does not act twice. */
    static @Nullable ConflictingOption of(String argument) {
        for (ConflictingOption row : ALL) {
            if (JavaLauncherArguments.isSpelled(argument, row.spelling)
                    && row.appliesTo(JavaLauncherArguments.valueOf(row.spelling, argument))) {
                return row;
            }
        }
        return null;
    }

    private boolean appliesTo(String value) {
        return switch (condition) {
            case ANY_VALUE -> true;
            case DEBUGGER_CONNECTS -> !settings(value).contains("server=y");
            case DEBUGGER_HAS_FIXED_PORT -> debuggerHasFixedPort(value);
            case PORT_IS_FIXED -> !value.strip().equals("0");
            case FILE_IS_FIXED -> writesFixedFile(value);
        };
    }

    /**
     * Returns if {@code option} may act twice.
     *
     * @throws RelaunchException if the option must not act twice
     */
    static void refuse(JavaLauncherArguments.Option option) {
        ConflictingOption row = of(option.argument().text());
        if (row != null && row.verdict == Verdict.REFUSED) {
            throw new RelaunchException(option.quoted()
                    + " would act in the launcher and again in the daemon: "
                    + row.reason + ": give it to the daemon only, with jvmOptions(...), or start the program"
                    + " with daemon-steps start -- java ...");
        }
    }

    private static List<String> settings(String value) {
        return List.of(value.split(","));
    }

    private static boolean debuggerHasFixedPort(String value) {
        return settings(value).stream()
                .filter(setting -> setting.startsWith("address="))
                .map(setting -> setting.substring(setting.lastIndexOf(':') < 0
                        ? "address=".length()
                        : setting.lastIndexOf(':') + 1))
                .anyMatch(port -> !port.equals("0"));
    }

    private boolean writesFixedFile(String value) {
        PathSyntax shape = Objects.requireNonNull(PathOption.of(spelling), "an option with a path").shape();
        // Flight recordings have a second path, that of their settings, and the JVM only reads that file.
        String written = shape == PathSyntax.FLIGHT_RECORDING
                ? value.replaceAll("settings=[^,]*", "")
                : value;
        for (String path : shape.paths(written)) {
            if (!path.contains("%p")) {
                return true;
            }
        }
        return false;
    }
}
