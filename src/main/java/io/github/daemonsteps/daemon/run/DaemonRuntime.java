package io.github.daemonsteps.daemon.run;

import io.github.daemonsteps.daemon.DaemonApplication;
import io.github.daemonsteps.daemon.DaemonContext;
import io.github.daemonsteps.daemon.InheritedSocket;
import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.daemon.control.LibraryClasses;
import io.github.daemonsteps.daemon.control.Uninterrupted;
import io.github.daemonsteps.daemon.files.LogFile;
import io.github.daemonsteps.daemon.readiness.Handshake;
import io.github.daemonsteps.daemon.readiness.ThrownText;
import io.github.daemonsteps.daemon.supervisor.Notifier;
import io.github.daemonsteps.daemon.supervisor.NotifySocket;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.ffm.Platform;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Deadline;
import io.github.daemonsteps.posix.PosixException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The daemon itself: runs the application on the main thread, and handles signals. The object has no thread
 * of its own while the application just runs.
 */
final class DaemonRuntime implements DaemonContext {

    private final DaemonConfig config;
    private final List<String> args;
    /** Null in the foreground: no launcher waits for a message then, and the log is the terminal. */
    private final @Nullable Handshake handshake;
    /** Null in a daemon, which has opened its logs itself. */
    private final @Nullable ForegroundLogs foregroundLogs;
    private final List<Action> reloadActions = new ArrayList<>();
    private final List<Action> stopActions = new ArrayList<>();
    private final Object reloading = new Object();
    private final LibraryClasses classes;
    /** Whether the JVM exits as soon as the application is ready. */
    private final boolean isTraining;
    /** Null if no supervisor expects a newline. */
    private final @Nullable NotificationFd notificationFd;
    /** Null unless this process has bound sockets in the foreground. */
    private final @Nullable ForegroundSockets foregroundSockets;
    /** Null if no supervisor takes messages. */
    private final @Nullable Notifier supervisor;
    private boolean ready;

    private DaemonRuntime(DaemonConfig config, List<String> args, @Nullable Handshake handshake,
            @Nullable NotificationFd notificationFd, @Nullable ForegroundSockets foregroundSockets,
            boolean isTraining) {
        this.foregroundSockets = foregroundSockets;
        this.config = config;
        this.args = List.copyOf(args);
        this.handshake = handshake;
        this.foregroundLogs = handshake == null ? ForegroundLogs.of(config) : null;
        this.isTraining = isTraining;
        this.notificationFd = notificationFd;
        boolean isSupervised = !isTraining && System.getenv(NotifySocket.VARIABLE) != null
                && Platform.unsupported() == null;
        this.classes = LibraryClasses.loadInDaemon(isSupervised, this::log);
        this.supervisor = isSupervised ? Notifier.ofThisProcess(handshake == null, this::log) : null;
    }

    /**
     * Runs the application until the daemon is stopped, which ends the JVM. Returns the exit status if the
     * application fails.
     */
    static int runDaemon(DaemonConfig config, List<String> args, Handshake handshake,
            DaemonApplication application) {
        DaemonConfig.Draft draft = config.draft();
        draft.starter = handshake.starter();
        return new DaemonRuntime(draft.config(), args, handshake, null, null, false).run(application);
    }

    /**
     * Does the same in the foreground, where no launcher waits.
     *
     * @param notificationFd the descriptor for the newline of a process that is ready; null for none
     * @param sockets the sockets that this process has bound; null for none
     */
    static int runInForeground(DaemonConfig config, List<String> args,
            @Nullable NotificationFd notificationFd, @Nullable ForegroundSockets sockets,
            DaemonApplication application) {
        return new DaemonRuntime(config, args, null, notificationFd, sockets, false).run(application);
    }

    /**
     * Runs the application in the foreground until it is ready, and then ends the JVM as a stop does. Returns
     * the exit status if the application fails.
     */
    static int train(DaemonConfig config, List<String> args, @Nullable ForegroundSockets sockets,
            DaemonApplication application) {
        return new DaemonRuntime(config, args, null, null, sockets, true).run(application);
    }

    private int run(DaemonApplication application) {
        takeSignals();
        try {
            application.run(this);
            if (isReady()) {
                new CountDownLatch(1).await(); // until a signal, or the application, ends the JVM
            }
            failed("the application returned without calling ready()");
        } catch (Throwable e) { // an Error too: the launcher that waits needs the message
            log(e);
            failed(ThrownText.message(e));
        }
        return 1;
    }

    private void takeSignals() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "daemon-steps stop"));
        boolean stops = SignalHandlers.handle("TERM", () -> System.exit(0));
        stops &= SignalHandlers.handle("INT", () -> System.exit(0));
        boolean reloads = SignalHandlers.handle("HUP", this::reload);
        if (!reloads && !SignalHandlers.exists("HUP")) {
            log("no SIGHUP on this platform: reload actions do not run");
        } else if (!stops || !reloads) {
            log("JVM option -Xrs: no signal handlers, so reload and stop actions do not run;"
                    + " remove the option");
        }
    }

    @Override
    public String name() {
        return config.name();
    }

    @Override
    public List<String> args() {
        return args;
    }

    @Override
    public Path resolve(Path path) {
        return handshake == null ? path.toAbsolutePath() : Handshake.directory().toPath().resolve(path);
    }

    @Override
    public List<InheritedSocket> sockets() {
        return Platform.unsupported() == null ? DaemonSockets.of(foregroundSockets, this::log) : List.of();
    }

    @Override
    public void ready(String message) {
        synchronized (this) {
            if (ready) {
                throw new IllegalStateException("ready() was already called");
            }
            ready = true;
        }
        classes.await();
        if (handshake == null) {
            System.out.println(config.name() + ": ready" + (message.isEmpty() ? "" : ": " + message));
            if (isTraining) {
                // In a thread of its own: a stop comes from outside, too, while the application goes on.
                new Thread(() -> System.exit(0), "daemon-steps end of training").start();
            }
            if (supervisor != null) {
                supervisor.ready(message);
            }
            if (notificationFd != null) {
                Thread.ofPlatform().daemon().name("daemon-steps ready").start(this::sendNewline);
            }
            return;
        }
        if (supervisor != null) {
            supervisor.ready(message); // held until the launcher has done its work
        }
        try {
            handshake.send(Handshake.Message.READY, message);
        } catch (IOException e) {
            log("the launcher has exited: " + e.getMessage());
        }
        // In a thread of its own: linking a call takes longer than everything else here. The first request
        // must not wait for it.
        Thread.ofPlatform().daemon().name("daemon-steps ready").start(this::closeHandshake);
    }

    private synchronized boolean isReady() {
        return ready;
    }

    private void closeHandshake() {
        Handshake launcher = Objects.requireNonNull(handshake);
        try {
            if (supervisor != null) {
                launcher.awaitLauncher(NativePosix.get());
            }
            NativePosix.get().close(launcher.fd());
        } catch (PosixException | IllegalCallerException e) {
            log("notification descriptor not closed: " + e.getMessage());
        }
        if (supervisor != null) {
            supervisor.open();
        }
    }

    private void sendNewline() {
        try {
            Objects.requireNonNull(notificationFd).send();
        } catch (PosixException | IllegalCallerException e) {
            log(NotificationFd.OPTION + ": the supervisor is not told: " + e.getMessage());
        }
    }

    private void failed(String reason) {
        if (handshake != null && !isReady()) {
            try {
                handshake.send(Handshake.Message.FAILED, reason);
            } catch (IOException e) {
                log("the launcher has exited: " + e.getMessage());
            }
        } else {
            log(reason);
        }
        if (supervisor != null) {
            supervisor.status(reason);
        }
    }

    @Override
    public void status(String text) {
        Objects.requireNonNull(text, "a status");
        if (supervisor != null) {
            supervisor.status(text);
        }
    }

    @Override
    public void watchdog(BooleanSupplier isHealthy) {
        Objects.requireNonNull(isHealthy, "a health check");
        if (supervisor != null) {
            supervisor.watchdog(isHealthy);
        }
    }

    @Override
    public void extendStartTimeout(Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException("a time must not be negative: " + time);
        }
        if (isReady()) {
            return;
        }
        if (handshake == null) {
            if (supervisor != null) {
                supervisor.extendTimeout(time);
            }
        } else {
            try {
                handshake.extend(time);
            } catch (IOException e) {
                log("the launcher has exited: " + e.getMessage());
            }
        }
    }

    @Override
    public void onReload(Action action) {
        Objects.requireNonNull(action, "an action");
        synchronized (reloadActions) {
            reloadActions.add(action);
        }
    }

    @Override
    public void onStop(Action action) {
        Objects.requireNonNull(action, "an action");
        synchronized (stopActions) {
            stopActions.addFirst(action);
        }
    }

    private void reload() {
        synchronized (reloading) {
            if (supervisor != null) {
                perform(supervisor::reloading);
            }
            perform(this::reopenLogs);
            List<Action> actions;
            synchronized (reloadActions) {
                actions = List.copyOf(reloadActions);
            }
            actions.forEach(this::perform);
            if (supervisor != null) {
                perform(supervisor::reloaded);
            }
        }
    }

    private void reopenLogs() {
        if (foregroundLogs != null) {
            if (foregroundLogs.output()) {
                reopen(config.log(), 1);
            }
            if (foregroundLogs.error()) {
                reopen(config.errorLog(), 2);
            }
        } else if (config.errorLog().equals(config.log())) {
            reopen(config.log(), 1, 2);
        } else {
            reopen(config.log(), 1);
            reopen(config.errorLog(), 2);
        }
    }

    private void reopen(CString log, int... descriptors) {
        perform(() -> {
            try {
                new LogFile(log).reopen(NativePosix.get(), descriptors);
            } catch (PosixException | IOException | IllegalCallerException e) {
                log("log not reopened: " + e.getMessage());
            }
        });
    }

    /**
     * Performs the stop actions, in a shutdown hook. The hook runs on a signal, and on everything else that
     * ends the JVM in order.
     *
     * <p>The pid file stays, since the process holds the lock until its exit. Without the name, another
     * daemon could be started beside it. The command that stops the daemon removes the file afterwards. A
     * stale file does no harm.
     */
    private void stop() {
        if (supervisor != null) {
            perform(this::tellStop);
        }
        List<Action> last;
        synchronized (stopActions) {
            last = List.copyOf(stopActions);
        }
        var actions = new Thread(() -> last.forEach(this::perform), "daemon-steps stop actions");
        actions.setDaemon(true);
        try {
            actions.start();
        } catch (Throwable e) { // the system has no thread left
            log(e);
            last.forEach(this::perform); // without a limit: the stopping command has one
            return;
        }
        if (!Uninterrupted.hasEnded(actions, Deadline.in(timeOfStopActions()))) {
            log("stop actions: not finished in time; exiting without them");
        }
    }

    private Duration timeOfStopActions() {
        return config.stopTimeout().dividedBy(6).multipliedBy(5);
    }

    /**
     * Tells the supervisor of the stop. If the application has asked for more than the default time, the
     * supervisor must give the daemon that time. Otherwise the supervisor's own limit applies.
     */
    private void tellStop() {
        Notifier told = Objects.requireNonNull(supervisor);
        told.stopping();
        if (config.stopTimeout().compareTo(DaemonConfig.DEFAULT_STOP_TIMEOUT) > 0) {
            told.extendTimeout(timeOfStopActions());
        }
    }

    /** Performs an action. An exception is logged, and does not prevent the next action. */
    private void perform(Action action) {
        try {
            action.run();
        } catch (Throwable e) {
            log(e);
        }
    }

    private void log(Throwable thrown) {
        ThrownText.print(thrown, System.err); // the log, or the terminal
    }

    private void log(String line) {
        ThrownText.print(config.name() + ": " + line, System.err);
    }
}
