package io.github.daemonsteps.procfs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The {@code /proc} of another pid namespace than this process is in: each number in it is some other process's here.
 * Whoever went by it would judge one process and signal another.
 */
public final class ProcMount {

    private static final Path SELF = Path.of("/proc/self");

    private ProcMount() {
    }

    /** Why nothing can be told from what {@code /proc} shows; empty if it is the right one. */
    public static Optional<String> reason() {
        try {
            String shown = Files.readSymbolicLink(SELF).toString();
            if (shown.equals(Long.toString(ProcessHandle.current().pid()))) {
                return Optional.empty();
            }
        } catch (IOException unseen) {
            // it does not show this process at all
        }
        return Optional.of("/proc is that of another pid namespace: mount the one of this namespace");
    }
}
