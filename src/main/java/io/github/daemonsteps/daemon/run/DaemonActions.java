package io.github.daemonsteps.daemon.run;

import io.github.daemonsteps.daemon.DaemonContext.Action;
import io.github.daemonsteps.daemon.control.Uninterrupted;
import io.github.daemonsteps.posix.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The actions of the application for a reload and for the stop. Several threads may use an object. */
final class DaemonActions {

    private final DaemonLog log;
    private final List<Action> reloadActions = new ArrayList<>();
    private final List<Action> stopActions = new ArrayList<>();

    /** Creates empty lists. */
    DaemonActions(DaemonLog log) {
        this.log = log;
    }

    /** Adds an action for each reload, after those before. */
    void addForReload(Action action) {
        synchronized (reloadActions) {
            reloadActions.add(action);
        }
    }

    /** Adds an action for the stop, before those added earlier. */
    void addForStop(Action action) {
        synchronized (stopActions) {
            stopActions.addFirst(action);
        }
    }

    /** Performs the reload actions. */
    void reload() {
        List<Action> actions;
        synchronized (reloadActions) {
            actions = List.copyOf(reloadActions);
        }
        actions.forEach(this::perform);
    }

    /** Performs the stop actions. Returns without those that are not finished within the limit. */
    void stop(Duration limit) {
        List<Action> last;
        synchronized (stopActions) {
            last = List.copyOf(stopActions);
        }
        var actions = new Thread(() -> last.forEach(this::perform), "daemon-steps stop actions");
        actions.setDaemon(true);
        try {
            actions.start();
        } catch (Throwable e) { // the system has no thread left
            log.accept(e);
            last.forEach(this::perform); // without a limit: the stopping command has one
            return;
        }
        if (!Uninterrupted.hasEnded(actions, Deadline.in(limit))) {
            log.line("stop actions: not finished in time; exiting without them");
        }
    }

    /** Performs an action. An exception is logged, and does not prevent the next action. */
    void perform(Action action) {
        try {
            action.run();
        } catch (Throwable e) {
            log.accept(e);
        }
    }
}
