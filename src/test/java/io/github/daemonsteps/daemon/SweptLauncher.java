package io.github.daemonsteps.daemon;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.relay.Faults;
import java.nio.file.Path;

/**
 * A launcher that kills itself at a boundary of its start: {@code SweptLauncher DIRECTORY USER BOUNDARY}. Says {@value
 * #BEGUN} at the first one, and where it is just before it kills itself. If the boundary is -1 it says what has come of the
 * start and how many boundaries there are, and waits to be killed.
 */
final class SweptLauncher {

    static final String BEGUN = "begun";

    private SweptLauncher() {
    }

    public static void main(String[] args) throws Exception {
        int last = Integer.parseInt(args[2]);
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
        StartResult result = new SweptStart(Path.of(args[0]), args[1]).start(new Faults(boundaries), _ -> {
        });
        System.out.println(result.message());
        System.out.println(boundaries.count());
        if (last < 0) {
            System.in.read();
        }
    }
}
