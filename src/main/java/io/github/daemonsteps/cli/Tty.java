package io.github.daemonsteps.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The check for a terminal, which shows that a person reads the output. */
final class Tty {

    private Tty() {
    }

    /** Returns whether a descriptor of this process is open on a terminal. */
    static boolean isOn(int fd) {
        try {
            String file = Files.readSymbolicLink(Path.of("/proc/self/fd", Integer.toString(fd))).toString();
            return file.startsWith("/dev/pts/") || file.startsWith("/dev/tty") || file.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }
}
