package io.github.daemonsteps.steps;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.StandardDescriptors;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Step 7: open new 0, 1 and 2. The program reads and prints through these. Without them a file of the program
 * could get one of these numbers, and the output.
 *
 * @param stdin the target of descriptor 0
 * @param stdout the target of descriptor 1
 * @param stderr the target of descriptor 2; if it equals the target of 1, both share one opening
 */
public record ReopenStandardDescriptors(StreamTarget stdin, StreamTarget stdout, StreamTarget stderr)
        implements Step {

    /** Creates a step that opens all three on {@code /dev/null}. */
    public ReopenStandardDescriptors() {
        this(StreamTarget.devNull(), StreamTarget.devNull(), StreamTarget.devNull());
    }

    @Override
    public StepName name() {
        return StepName.REOPEN;
    }

    @Override
    public String description() {
        return "open new 0, 1 and 2";
    }

    @Override
    public String rationale() {
        return "a program that reads or prints uses these, not a file that happens to get the number";
    }

    private List<StreamTarget> targets() {
        return List.of(stdin, stdout, stderr);
    }

    @Override
    public List<String> plan() {
        List<String> calls = new ArrayList<>();
        for (int fd = 0; fd < StandardDescriptors.COUNT; fd++) {
            int same = targets().indexOf(targets().get(fd));
            calls.add(same < fd
                    ? "dup2(" + same + ", " + fd + ")"
                    : "open(" + targets().get(fd).path().quoted() + ") = " + fd);
        }
        return calls;
    }

    @Override
    public StepOutcome perform(StepContext context) {
        ForkedProcess process = context.process();
        for (int fd = 0; fd < StandardDescriptors.COUNT; fd++) {
            StreamTarget target = targets().get(fd);
            int same = targets().indexOf(target);
            if (same < fd) {
                process.dup2(same, fd);
            } else {
                open(target, fd, process);
            }
        }
        for (int fd = 0; fd < StandardDescriptors.COUNT; fd++) {
            CString path = targets().get(fd).path();
            Optional<FileStatus> linked = context.linked("fd/" + fd);
            FileStatus now = linked.isPresent() ? linked.get() : process.fstat(fd);
            if (!now.isSameFileAs(context.seen(path))) {
                return new StepOutcome.Failed("open(" + path.quoted() + ")", null,
                        "descriptor " + fd + " is another file");
            }
            if (targets().get(fd).isLog() && !now.isRegularFile()) {
                return new StepOutcome.Failed("open(" + path.quoted() + ")", null,
                        "the log is not a regular file");
            }
        }
        return new StepOutcome.Done(stdin.path() + ", " + stdout.path() + ", " + stderr.path());
    }

    /** Opens a target as this descriptor, and replaces the file that the descriptor is open on. */
    private static void open(StreamTarget target, int fd, ForkedProcess process) {
        int lowest = process.open(target.path(), target.flags(), target.mode());
        if (target.flags().contains(OpenFlag.O_NONBLOCK)) {
            Set<OpenFlag> waiting = new HashSet<>(target.flags());
            waiting.remove(OpenFlag.O_NONBLOCK);
            process.setStatusFlags(lowest, waiting);
        }
        if (lowest != fd) {
            process.dup2(lowest, fd);
            process.close(lowest);
        } else if (target.flags().contains(OpenFlag.O_CLOEXEC)) {
            process.setCloseOnExec(fd, false); // as dup2 does
        }
    }
}
