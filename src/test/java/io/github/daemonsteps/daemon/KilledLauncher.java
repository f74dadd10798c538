package io.github.daemonsteps.daemon;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.testkit.Faults;
import java.nio.file.Path;

/**
 * A launcher that kills itself at a boundary of its start: {@code KilledLauncher KIND DIRECTORY USER BOUNDARY}. Prints {@value
 * #BEGUN} at the first boundary, and the place just before it kills itself. If the boundary is -1, it prints the result of the
 * start and the number of boundaries, and waits to be killed.
 */
public final class KilledLauncher {

    static final String BEGUN = "begun";

    private KilledLauncher() {
    }

    /** Runs the launcher. */
    public static void main(String[] args) throws Exception {
        int last = Integer.parseInt(args[3]);
        NativePosix posix = NativePosix.get();
        var boundaries = new Boundaries((number, place, _) -> {
            if (number == 0) {
                System.out.println(BEGUN);
            }
            if (number == last) {
                System.out.println(place);
                posix.kill(posix.getpid(), Signal.SIGKILL);
            }
        });
        var start = new StartWithFaults(StartWithFaults.Kind.valueOf(args[0]), Path.of(args[1]), args[2]);
        StartResult result = start.start(new Faults(boundaries), _ -> {
        });
        System.out.println(result.message());
        System.out.println(boundaries.count());
        if (last < 0) {
            System.in.read();
        }
    }
}
