package io.github.daemonsteps.daemon.run;

import io.github.daemonsteps.daemon.DaemonApplication;
import io.github.daemonsteps.daemon.DaemonContext;
import io.github.daemonsteps.daemon.InheritedSocket;
import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.daemon.control.LibraryClasses;
import io.github.daemonsteps.daemon.readiness.Handshake;
import io.github.daemonsteps.daemon.readiness.ThrownText;
import io.github.daemonsteps.daemon.run.SignalHandlers.Handling;
import io.github.daemonsteps.daemon.supervisor.Notifier;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.ffm.Platform;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.SupervisorVariables;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
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
    /** Null in the foreground, where no launcher waits for a message. */
    private final @Nullable Handshake handshake;
    /** Null in a daemon, which has a launcher. */
    private final @Nullable Foreground foreground;
    private final ReopenableLogs logs;
    private final DaemonLog log;
    private final DaemonActions actions;
    private final Object reloading = new Object();
    private final LibraryClasses classes;
    /** Null if no supervisor takes messages. */
    private final @Nullable Notifier supervisor;
    private boolean ready;

    private DaemonRuntime(DaemonConfig config, List<String> args, @Nullable Handshake handshake,
            @Nullable Foreground foreground) {
        this.config = config;
        this.args = List.copyOf(args);
        this.handshake = handshake;
        this.foreground = foreground;
        this.logs =
                foreground == null ? ReopenableLogs.ofDaemon(config) : ReopenableLogs.ofForeground(config);
        this.log = new DaemonLog(config.name());
        this.actions = new DaemonActions(log);
        boolean isTraining = foreground != null && foreground.isTraining();
        boolean isSupervised = !isTraining && System.getenv(SupervisorVariables.NOTIFY_SOCKET) != null
                && Platform.unsupported() == null;
        this.classes = LibraryClasses.loadInDaemon(isSupervised, log);
        this.supervisor = isSupervised ? Notifier.ofThisProcess(foreground != null, log::line) : null;
    }

    /**
     * Runs the application until the daemon is stopped, which ends the JVM. Returns the exit status if the
     * application fails.
     */
    static int runDaemon(DaemonConfig config, List<String> args, Handshake handshake,
            DaemonApplication application) {
        DaemonConfig.Draft draft = config.draft();
        draft.starter = handshake.starter();
        return new DaemonRuntime(draft.config(), args, handshake, null).run(application);
    }

    /**
     * Runs the application in the foreground. Returns the exit status if the application fails. A training
     * ends the JVM, as a stop does, once the application is ready.
     */
    static int runInForeground(DaemonConfig config, List<String> args, Foreground foreground,
            DaemonApplication application) {
        return new DaemonRuntime(config, args, null, foreground).run(application);
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
            log.accept(e);
            failed(ThrownText.message(e));
        }
        return 1;
    }

    private void takeSignals() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "daemon-steps stop"));
        Handling stop = SignalHandlers.handle("TERM", () -> System.exit(0));
        SignalHandlers.handle("INT", () -> System.exit(0)); // a shell ignores it for a command with &
        Handling reload = SignalHandlers.handle("HUP", this::reload);
        if (stop == Handling.LEFT_TO_SYSTEM || reload == Handling.LEFT_TO_SYSTEM) {
            log.line("JVM option -Xrs: no signal handlers, so reload and stop actions do not run;"
                    + " remove the option");
        }
        if (stop == Handling.IGNORED) {
            log.line("SIGTERM is ignored, since this process was started so: stop actions do not run");
        }
        if (reload == Handling.IGNORED) {
            log.line("SIGHUP is ignored, as by nohup: reload actions do not run");
        } else if (reload == Handling.UNKNOWN) {
            log.line("no SIGHUP on this platform: reload actions do not run");
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
        return Platform.unsupported() == null
                ? DaemonSockets.of(config, foreground == null ? null : foreground.sockets(), log::line)
                : List.of();
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
        if (foreground != null) {
            readyInForeground(foreground, message);
        } else {
            readyAsDaemon(Objects.requireNonNull(handshake), message);
        }
    }

    private void readyInForeground(Foreground run, String message) {
        System.out.println(config.name() + ": ready" + (message.isEmpty() ? "" : ": " + message));
        if (run.isTraining()) {
            // In a thread of its own: a stop comes from outside, too, while the application goes on.
            new Thread(() -> System.exit(0), "daemon-steps end of training").start();
        }
        if (supervisor != null) {
            supervisor.ready(message);
        }
        if (run.notificationFd() != null) {
            Thread.ofPlatform().daemon().name("daemon-steps ready").start(this::sendNewline);
        }
    }

    private void readyAsDaemon(Handshake launcher, String message) {
        if (supervisor != null) {
            supervisor.ready(message); // held until the launcher has done its work
        }
        try {
            launcher.send(Handshake.Message.READY, message);
        } catch (IOException e) {
            logLauncherExit(e);
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
            log.line("notification descriptor not closed: " + e.getMessage());
        }
        if (supervisor != null) {
            supervisor.sendHeld();
        }
    }

    private void sendNewline() {
        try {
            Objects.requireNonNull(Objects.requireNonNull(foreground).notificationFd()).send();
        } catch (PosixException | IllegalCallerException e) {
            log.line(NotificationFd.OPTION + ": newline not written: " + e.getMessage());
        }
    }

    private void failed(String reason) {
        if (handshake != null && !isReady()) {
            try {
                handshake.send(Handshake.Message.FAILED, reason);
            } catch (IOException e) {
                logLauncherExit(e);
            }
        } else {
            log.line(reason);
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
                logLauncherExit(e);
            }
        }
    }

    @Override
    public void onReload(Action action) {
        Objects.requireNonNull(action, "an action");
        actions.addForReload(action);
    }

    @Override
    public void onStop(Action action) {
        Objects.requireNonNull(action, "an action");
        actions.addForStop(action);
    }

    private void reload() {
        synchronized (reloading) {
            if (supervisor != null) {
                actions.perform(supervisor::reloading);
            }
            actions.perform(() -> logs.reopen(log));
            actions.reload();
            if (supervisor != null) {
                actions.perform(supervisor::reloaded);
            }
        }
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
            actions.perform(this::reportStop);
        }
        actions.stop(stopActionsTimeout());
    }

    private Duration stopActionsTimeout() {
        return config.stopTimeout().dividedBy(6).multipliedBy(5);
    }

    /**
     * Reports the stop to the supervisor. If the time of a stop is longer than the default, the message also
     * requests the time of the stop actions. Otherwise the supervisor's own limit applies.
     */
    private void reportStop() {
        Notifier notifier = Objects.requireNonNull(supervisor);
        notifier.stopping();
        if (config.stopTimeout().compareTo(DaemonConfig.DEFAULT_STOP_TIMEOUT) > 0) {
            notifier.extendTimeout(stopActionsTimeout());
        }
    }

    private void logLauncherExit(IOException e) {
        log.line("the launcher has exited: " + e.getMessage());
    }
}
