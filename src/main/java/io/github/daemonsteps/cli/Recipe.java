package io.github.daemonsteps.cli;

import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.Target;
import io.github.daemonsteps.posix.FileMode;
import java.nio.file.Path;

/** The seven steps, as the options have them. */
final class Recipe {

    private Recipe() {
    }

    static DaemonSteps of(Arguments arguments) {
        DaemonSteps steps = DaemonSteps.classic().umask(arguments.mode(Option.UMASK, FileMode.of(0)));
        Path directory = arguments.path(Option.CHDIR);
        if (directory != null) {
            steps = steps.chdir(directory.toString());
        }
        Path log = arguments.path(Option.LOG);
        if (log != null) {
            steps = steps.output(Target.log(log.toString()));
        }
        return steps;
    }
}
