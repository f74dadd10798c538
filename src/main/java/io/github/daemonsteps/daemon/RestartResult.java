package io.github.daemonsteps.daemon;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The result of a restart. */
public sealed interface RestartResult extends LifecycleResult {

    /**
     * The daemon was stopped, if it was running, and a start followed.
     *
     * @param stopped the result of the stop
     * @param started the result of the start, which may have failed
     */
    record Restarted(StopResult stopped, StartResult started) implements RestartResult {
        @Override
        public String name() {
            return started.name();
        }

        @Override
        public String message() {
            return started.message();
        }

        @Override
        public List<String> details() {
            return started.details();
        }

        @Override
        public List<String> warnings() {
            return started.warnings();
        }
    }

    /**
     * The daemon could not be stopped, and no start was tried.
     *
     * @param why the result of the stop
     */
    record NotStopped(StopResult.Failed why) implements RestartResult {
        @Override
        public String name() {
            return why.name();
        }

        @Override
        public String message() {
            return why.message();
        }
    }

    /**
     * The start would fail, so the daemon was not stopped.
     *
     * @param why the result of the start
     * @param running the process of the daemon, which runs on; null if the daemon does not run
     */
    record Refused(StartResult why, @Nullable Integer running) implements RestartResult {
        @Override
        public String name() {
            return why.name();
        }

        @Override
        public String message() {
            return why.message() + (running == null
                    ? ""
                    : "; process " + running + " was not stopped, and runs on");
        }

        @Override
        public List<String> details() {
            return why.details();
        }
    }
}
