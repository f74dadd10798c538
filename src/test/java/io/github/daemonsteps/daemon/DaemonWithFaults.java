package io.github.daemonsteps.daemon;

import io.github.daemonsteps.StepsWithFaults;
import io.github.daemonsteps.relay.Faults;
import java.time.Duration;

/** A daemon whose calls go through a script of faults. */
final class DaemonWithFaults {

    private DaemonWithFaults() {
    }

    /**
     * Returns the daemon with these faults, in its launcher and in the forked process.
     *
     * @param deadline how long a request to the forked process may take
     */
    static Daemon of(Daemon daemon, Faults faults, Duration deadline) {
        return daemon.with(draft -> {
            draft.library = faults::posix;
            draft.begin = steps -> StepsWithFaults.begin(steps, faults, deadline);
        });
    }
}
