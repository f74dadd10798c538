package io.github.daemonsteps.cli;

import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.process.SupervisorVariables;
import io.github.daemonsteps.steps.CloseDescriptors;
import io.github.daemonsteps.steps.StepOutcome;
import java.util.SortedSet;
import java.util.TreeSet;

/** The descriptors that a supervisor has passed to this process; see sd_listen_fds(3). */
final class PassedDescriptors {

    private PassedDescriptors() {
    }

    /** Returns the descriptors. If one was not inherited, the program gets none, and a warning is printed. */
    static SortedSet<Integer> of(Environment caller) {
        SortedSet<Integer> descriptors =
                SupervisorVariables.descriptors(caller, ProcessHandle.current().pid());
        for (int fd : descriptors) {
            if (!isInherited(fd)) {
                Main.warn("LISTEN_FDS counts " + descriptors.size() + " descriptors, and descriptor " + fd
                        + " is not open: the program gets none of them");
                return new TreeSet<>();
            }
        }
        return descriptors;
    }

    private static boolean isInherited(int fd) {
        try {
            return CloseDescriptors.checkInherited(fd) instanceof StepOutcome.Done;
        } catch (PosixException e) {
            return false;
        }
    }
}
