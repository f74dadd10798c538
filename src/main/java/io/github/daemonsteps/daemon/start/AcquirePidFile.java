package io.github.daemonsteps.daemon.start;

import io.github.daemonsteps.daemon.pidfile.RecordFile;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.steps.StepContext;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import java.util.List;

/**
 * The step after FORK_AGAIN that acquires the pid file before later steps can fail. The daemon's own process
 * opens, locks and writes the file, so that the process owns the lock.
 */
public final class AcquirePidFile extends LifecycleStep {

    public static final StepName NAME = new StepName("PID_FILE");

    /** A function that acquires the file by a process, and returns the descriptor that holds the lock. */
    interface Acquirer {
        int acquire(ForkedProcess process) throws StartRefusedException;
    }

    private final CString path;
    private final Acquirer acquirer;

    AcquirePidFile(CString path, Acquirer acquirer) {
        super(NAME, "open, lock and write the pid file",
                "the lock shows who the daemon is, for as long as the process lives");
        this.path = path;
        this.acquirer = acquirer;
    }

    @Override
    public List<String> plan() {
        String record = RecordFile.of(path).path().quoted();
        return List.of("open(" + path.quoted() + ", O_RDONLY|O_CREAT|O_EXCL, 0644)",
                "flock(FD, LOCK_EX|LOCK_NB)", "write(" + record + ", RECORD)",
                "write(" + path.quoted() + ", PID)");
    }

    @Override
    StepOutcome take(StepContext context) {
        int fd = acquirer.acquire(context.process());
        context.keepOpen(fd);
        return new StepOutcome.Done("descriptor " + fd + " is the pid file, locked");
    }
}
