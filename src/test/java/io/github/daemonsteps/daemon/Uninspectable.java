package io.github.daemonsteps.daemon;

import io.github.daemonsteps.cli.Main;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.process.Environment;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Runs the command in a process that the kernel does not let its own user inspect, like a {@code java} with
 * file capabilities. Without arguments it prints the environment, a variable a line.
 */
final class Uninspectable {

    private Uninspectable() {
    }

    public static void main(String[] args) {
        NativePosix posix = NativePosix.get();
        posix.setresuid(posix.getresuid()); // the process is not dumpable any more, see prctl(2)
        if (Files.isReadable(Path.of("/proc/self/environ"))) {
            throw new IllegalStateException("the environment can be read");
        }
        if (args.length == 0) {
            Environment.inherited().variables().forEach(variable -> System.out.println(variable.quoted()));
        } else {
            Main.main(args);
        }
    }
}
