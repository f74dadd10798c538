package io.github.daemonsteps.steps.extra;

import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.posix.SignalDisposition;
import io.github.daemonsteps.posix.SignalSet;
import io.github.daemonsteps.steps.Step;
import io.github.daemonsteps.steps.StepContext;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import java.util.List;

/**
 * The step of the nohup recipe: ignore SIGHUP, which the kernel sends when the terminal hangs up. The easiest
 * daemon is a background process that ignores SIGHUP. Such a process keeps its session, its directory, its
 * umask and its descriptors.
 *
 * @see <a href="https://man7.org/linux/man-pages/man1/nohup.1.html">nohup(1)</a>
 */
public record IgnoreHangup() implements Step {

    @Override
    public StepName name() {
        return StepName.IGNORE_HANGUP;
    }

    @Override
    public String description() {
        return "ignore the hangup signal";
    }

    @Override
    public String rationale() {
        return "the end of the terminal does not end the process; nothing else changes";
    }

    @Override
    public List<String> plan() {
        return List.of("signal(SIGHUP, SIG_IGN)");
    }

    @Override
    public StepOutcome perform(StepContext context) {
        context.process().signal(Signal.SIGHUP, SignalDisposition.SIG_IGN);
        SignalSet ignored = context.now().ignored();
        if (ignored != null && !ignored.contains(Signal.SIGHUP)) {
            return new StepOutcome.Failed("signal(SIGHUP, SIG_IGN)", null, "SIGHUP is not ignored");
        }
        return new StepOutcome.Done("SIGHUP is ignored, by the program too");
    }
}
