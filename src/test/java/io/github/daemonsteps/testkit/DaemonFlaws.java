package io.github.daemonsteps.testkit;

import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.process.ProcessState;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The check of a daemon in a JVM that does not have AssertJ. */
public final class DaemonFlaws {

    private DaemonFlaws() {
    }

    /**
     * Returns the differences between a program that was started with the umask 027 and a proper daemon;
     * empty if there are none.
     *
     * @see ProcessStateAssert#isProperDaemon(Path, Path)
     */
    public static List<String> of(int pid, Path directory, Path pidFile, Path log) {
        var flaws = new ProcessFlaws(ProcessState.of(pid));
        Stream<Optional<String>> others =
                Stream.of(flaws.hasOtherDirectory(directory), flaws.hasOtherUmask(FileMode.of(027)));
        return Stream.concat(flaws.ofDaemon(pidFile, log).stream(), others.flatMap(Optional::stream))
                .toList();
    }
}
