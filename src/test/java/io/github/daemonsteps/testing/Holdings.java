package io.github.daemonsteps.testing;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.process.ProcessState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * The resources of a launcher that a start could leak: if they are the same before and after,
 * nothing is left.
 *
 * @param descriptors the open descriptors, without the files that the JVM opens on demand
 * @param children the child processes, zombies too
 * @param shared the number of mappings that are shared with forked processes
 */
public record Holdings(Map<Integer, String> descriptors, Set<Integer> children, long shared) {

    /** Returns the resources of a process. */
    public static Holdings of(int pid) throws IOException {
        var descriptors = new TreeMap<>(Objects.requireNonNull(ProcessState.of(pid).fds()));
        descriptors.values().removeIf(file -> file.endsWith(".jar") || file.endsWith("/lib/modules"));
        Path process = Path.of("/proc", Integer.toString(pid));
        long shared = Files.readAllLines(process.resolve("maps"), StandardCharsets.ISO_8859_1).stream()
                .filter(line -> line.contains("/dev/zero") && line.matches("\\S+ ...s .*")).count();
        return new Holdings(descriptors, Processes.children(pid), shared);
    }
}
