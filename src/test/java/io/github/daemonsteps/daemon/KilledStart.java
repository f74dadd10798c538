package io.github.daemonsteps.daemon;

import io.github.daemonsteps.relay.Faults;
import io.github.daemonsteps.relay.Faults.Where;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A launcher that kills itself on the way: {@code KilledStart KIND DIRECTORY BOUNDARY}. A boundary is just before a request
 * to a forked process, if it is even, or just behind its reply; the fork of the launcher itself is the first. Without such a
 * boundary it starts the daemon, says how many boundaries there were, and what has come of it.
 */
final class KilledStart {

    private KilledStart() {
    }

    /** Counts boundaries, and at one of them does something. */
    static final class AtBoundary implements Faults.Script {

        private final int boundary;
        private final Runnable action;
        private int count;

        AtBoundary(int boundary, Runnable action) {
            this.boundary = boundary;
            this.action = action;
        }

        int count() {
            return count;
        }

        @Override
        public void before(List<Faults.Call> request) {
            pass(request);
        }

        @Override
        public void after(List<Faults.Call> request) {
            pass(request);
        }

        private void pass(List<Faults.Call> request) {
            Faults.Call first = request.getFirst();
            if (first.where() == Where.LAUNCHER && !first.function().equals("fork")) {
                return;
            }
            if (count++ == boundary) {
                action.run();
            }
        }
    }

    public static void main(String[] args) throws Exception {
        var start = new StartWithFaults(StartWithFaults.Kind.valueOf(args[0]), Path.of(args[1]));
        int own = (int) ProcessHandle.current().pid();
        var boundaries = new AtBoundary(Integer.parseInt(args[2]),
                () -> io.github.daemonsteps.posix.Processes.signal(own,
                        io.github.daemonsteps.posix.Signal.SIGKILL));
        System.out.println("begins");
        StartResult result = start.start(new Faults(boundaries), report -> {
        }, Duration.ofSeconds(30));
        System.out.println(boundaries.count());
        System.out.println(result.message());
    }
}
