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
 * What a launcher holds that a start could leave behind: the same before and after is nothing left.
 *
 * @param descriptors its open descriptors, but for the files that its JVM opens when it needs them
 * @param children its child processes, zombies too
 * @param shared how many pieces of memory it shares with what it forks
 */
public record Holdings(Map<Integer, String> descriptors, Set<Integer> children, long shared) {

    /** Those of a process. */
    public static Holdings of(int pid) throws IOException {
        var descriptors = new TreeMap<>(Objects.requireNonNull(ProcessState.of(pid).fds()));
        descriptors.values().removeIf(file -> file.endsWith(".jar") || file.endsWith("/lib/modules"));
        Path process = Path.of("/proc", Integer.toString(pid));
        long shared = Files.readAllLines(process.resolve("maps"), StandardCharsets.ISO_8859_1).stream()
                .filter(line -> line.contains("/dev/zero") && line.matches("\\S+ ...s .*")).count();
        return new Holdings(descriptors, Processes.children(pid), shared);
    }
}
