package io.github.daemonsteps.procfs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A check for a {@code /proc} of another pid namespace than that of this process. Each number in such a
 * {@code /proc} is that of another process in this namespace. A caller that relies on the number would check
 * one process and signal another.
 */
public final class ProcMount {

    private static final Path SELF = Path.of("/proc/self");

    private ProcMount() {
    }

    /**
     * Returns the reason why {@code /proc} cannot be used; empty if {@code /proc} is that of this namespace.
     */
    public static Optional<String> reason() {
        try {
            String shown = Files.readSymbolicLink(SELF).toString();
            if (shown.equals(Long.toString(ProcessHandle.current().pid()))) {
                return Optional.empty();
            }
        } catch (IOException e) {
            // /proc does not show this process at all
        }
        return Optional.of("/proc is that of another pid namespace: mount the one of this namespace");
    }
}
