package io.github.daemonsteps.daemon.start;

import io.github.daemonsteps.process.SupervisorVariables;
import io.github.daemonsteps.procfs.ProcFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The systemd service that owns the control group of this process. When the service ends, systemd kills all
 * processes that remain in its control group, a daemon included. See systemd.exec(5), systemd.kill(5) and
 * cgroups(7).
 */
final class ServiceUnit {

    private static final Path CONTROL_GROUPS = Path.of("/proc/self/cgroup");

    /** Matches the line of version 2, or that of the hierarchy of version 1 that systemd uses. */
    private static final Pattern HIERARCHY = Pattern.compile("(0:|[0-9]+:name=systemd):(?<path>.*)");

    private ServiceUnit() {
    }

    /**
     * Returns a warning if a daemon that this process starts would end with a service. A service with a PID
     * file ({@code Type=forking}) continues with its daemon. If the control group cannot be read, the result
     * is empty.
     */
    static List<String> warnings() {
        if (System.getenv(SupervisorVariables.INVOCATION_ID) == null
                || System.getenv(SupervisorVariables.PIDFILE) != null) {
            return List.of();
        }
        try {
            return of(ProcFile.text(CONTROL_GROUPS)).map(ServiceUnit::warning)
                    .stream().toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static String warning(String unit) {
        return "the daemon is in the control group of the systemd unit " + unit
                + " and is killed when that unit ends;"
                + " let the unit use 'run' with Type=exec, or set Type=forking with PIDFile=, or"
                + " RemainAfterExit=yes";
    }

    /**
     * Returns the service that the text of such a file names. The innermost unit decides: the terminal of a
     * desktop is a scope inside the service of its user. A service may have control groups of its own below
     * that of the unit.
     */
    static Optional<String> of(String controlGroups) {
        return controlGroups.lines().map(HIERARCHY::matcher).filter(Matcher::matches)
                .flatMap(line -> innermost(line.group("path")).stream())
                .filter(unit -> unit.endsWith(".service")).findFirst();
    }

    private static Optional<String> innermost(String path) {
        return Arrays.asList(path.split("/", -1)).reversed().stream()
                .filter(name -> name.endsWith(".service") || name.endsWith(".scope")).findFirst();
    }
}
