package io.github.daemonsteps;

import io.github.daemonsteps.process.ProcessInspector;
import io.github.daemonsteps.relay.Faults;
import java.time.Duration;

/** Steps whose calls all go through {@link Faults}. */
public final class StepsWithFaults {

    private StepsWithFaults() {
    }

    /** Starts a run of these steps with this deadline for each request. */
    public static DaemonRun begin(DaemonSteps steps, Faults faults, Duration deadline) {
        return steps.callTimeout(deadline).start(faults::fork, new ProcessInspector.Running(faults::posix));
    }
}
