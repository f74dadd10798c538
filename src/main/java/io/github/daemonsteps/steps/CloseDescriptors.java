package io.github.daemonsteps.steps;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.procfs.JvmOpenFiles;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Step 6: close 0, 1 and 2 and every other inherited descriptor. The cost depends on the number of open
 * descriptors, not of possible ones.
 *
 * <p>The kept descriptors stay open. The control descriptor of the process also stays open, until execve
 * closes it.
 *
 * @param kept descriptors above 2 that stay open, for the program too
 * @see <a href="https://man7.org/linux/man-pages/man2/close_range.2.html">close_range(2)</a>
 */
public record CloseDescriptors(SortedSet<Integer> kept) implements Step {

    private static final int HIGHEST = -1;

    /** @throws IllegalArgumentException if a descriptor is not above 2 */
    public CloseDescriptors {
        var ascending = new TreeSet<Integer>(); // the caller's set may have another order
        for (int fd : kept) {
            KeptDescriptors.requireNotStandard(fd);
            ascending.add(fd);
        }
        kept = Collections.unmodifiableSortedSet(ascending);
    }

    /** Creates a step that keeps no descriptor open. */
    public CloseDescriptors() {
        this(new TreeSet<>());
    }

    /**
     * Checks that this process has inherited a descriptor, so that its program can inherit the descriptor
     * too.
     *
     * @param fd the descriptor
     * @return done; failed if the descriptor is open on a file of this JVM
     * @throws PosixException if the descriptor is not open
     */
    public static StepOutcome checkInherited(int fd) {
        NativePosix.get().isCloseOnExec(fd); // fails if the descriptor is not open
        return JvmOpenFiles.isOpenOn(fd)
                ? ofJvm(fd)
                : new StepOutcome.Done("descriptor " + fd + " was inherited");
    }

    private static StepOutcome.Failed ofJvm(int fd) {
        return new StepOutcome.Failed("fcntl(" + fd + ", F_SETFD, 0)", null,
                "descriptor " + fd + " belongs to this JVM and was not inherited");
    }

    @Override
    public StepName name() {
        return StepName.CLOSE;
    }

    @Override
    public String description() {
        return "close 0, 1, 2 and all other inherited descriptors";
    }

    @Override
    public String rationale() {
        return "holds no file, terminal or pipe of the launcher";
    }

    @Override
    public List<String> plan() {
        List<String> calls = new ArrayList<>();
        for (int fd : kept) {
            calls.add("fcntl(" + fd + ", F_SETFD, 0)");
        }
        calls.add("close_range(0, CONTROL - 1, 0)");
        calls.add("close_range(CONTROL + 1, 4294967295, 0)");
        return calls;
    }

    @Override
    public StepOutcome perform(StepContext context) {
        ForkedProcess process = context.process();
        SortedSet<Integer> wanted = new TreeSet<>(kept);
        wanted.addAll(context.kept());
        List<Integer> jvmFiles = context.jvmFiles(wanted);
        for (int fd : wanted) {
            if (fd == process.controlFd()) {
                // The caller has no descriptor of this number, or the control descriptor would have another
                // one.
                return new StepOutcome.Failed("fcntl(" + fd + ", F_SETFD, 0)", Errno.EBADF,
                        Errno.EBADF.text());
            }
            if (jvmFiles.contains(fd)) {
                return ofJvm(fd);
            }
            process.setCloseOnExec(fd, false);
        }
        SortedSet<Integer> staying = new TreeSet<>(wanted);
        staying.add(process.controlFd());
        try {
            closeAround(staying, process);
        } catch (PosixException e) {
            SortedMap<Integer, String> open = context.descriptors();
            if (!e.isCallUnavailable() || open == null) {
                throw e;
            }
            process.close(open.keySet().stream().filter(fd -> !staying.contains(fd)).toList());
        }
        for (int fd : wanted) {
            if (context.isCloseOnExec(fd)) {
                return new StepOutcome.Failed("fcntl(" + fd + ", F_SETFD, 0)", null,
                        "descriptor " + fd
                                + " is close-on-exec: the program would not inherit the descriptor");
            }
        }
        return check(staying, context);
    }

    /** Closes every descriptor below, between and above the ones that stay open. */
    private static void closeAround(SortedSet<Integer> staying, ForkedProcess process) {
        int first = 0;
        for (int fd : staying) {
            if (first < fd) {
                process.close_range(first, fd - 1);
            }
            first = fd + 1;
        }
        process.close_range(first, HIGHEST);
    }

    private static StepOutcome check(SortedSet<Integer> staying, StepContext context) {
        SortedMap<Integer, String> before = context.before().fds();
        SortedMap<Integer, String> after = context.descriptors();
        String limit = "; sysconf(_SC_OPEN_MAX) is " + context.openMax();
        if (after == null) {
            return new StepOutcome.Done("closed all but " + staying + limit);
        }
        for (int fd : after.keySet()) {
            if (!staying.contains(fd)) {
                return new StepOutcome.Failed("close_range", null,
                        "descriptor " + fd + " is still open: " + after.get(fd));
            }
        }
        String closed =
                before == null ? "all but " + staying : Integer.toString(before.size() - after.size());
        return new StepOutcome.Done("closed " + closed + limit);
    }
}
