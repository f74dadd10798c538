package io.github.daemonsteps.cli;

import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.steps.StreamTarget;

/** The seven steps of the FAQ, as the options configure them. */
final class ClassicSteps {

    private ClassicSteps() {
    }

    static DaemonSteps of(Arguments arguments) {
        DaemonSteps steps = DaemonSteps.classic().umask(arguments.mode(Option.UMASK).orElse(FileMode.of(0)));
        steps = arguments.path(Option.CHDIR).map(steps::workingDirectory).orElse(steps);
        return arguments.path(Option.LOG).map(StreamTarget::log).map(steps::redirectOutput).orElse(steps);
    }
}
