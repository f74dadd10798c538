package io.github.daemonsteps.daemon.start;

import io.github.daemonsteps.daemon.Readiness;
import io.github.daemonsteps.daemon.readiness.NotificationPipe;
import io.github.daemonsteps.process.UserIdentity;
import io.github.daemonsteps.steps.StepContext;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The step after FORK_AGAIN that duplicates the notification pipe to its descriptor number in the daemon. */
final class PlaceNotificationFd extends LifecycleStep {

    static final StepName NAME = new StepName("NOTIFY_FD");

    private final Readiness readiness;
    private final @Nullable NotificationPipe pipe;
    private final @Nullable UserIdentity identity;

    /**
     * @param pipe the notification pipe; null in a plan
     * @param identity the user who writes to the pipe; null: the launcher's
     */
    PlaceNotificationFd(Readiness readiness, @Nullable NotificationPipe pipe,
            @Nullable UserIdentity identity) {
        super(NAME, "place the notification descriptor", "the program reports on it that it is ready");
        this.readiness = readiness;
        this.pipe = pipe;
        this.identity = identity;
    }

    @Override
    public List<String> plan() {
        return readiness instanceof Readiness.NotificationFd newline
                ? List.of("dup2(PIPE, " + newline.fd() + ")")
                : List.of();
    }

    @Override
    StepOutcome take(StepContext context) {
        NotificationPipe placed = Objects.requireNonNull(pipe, "a plan is not taken");
        placed.dupInto(context.process());
        if (identity != null) {
            placed.chownTo(identity);
        }
        int fd = placed.descriptor().orElseThrow();
        if (!placed.isPlaced(context)) {
            return new StepOutcome.Failed("dup2(PIPE, " + fd + ")", null,
                    "descriptor " + fd + " of the process is not the pipe");
        }
        context.keepOpen(fd);
        return new StepOutcome.Done("descriptor " + fd + " is the pipe");
    }
}
