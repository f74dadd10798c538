package io.github.daemonsteps.testkit;

import io.github.daemonsteps.daemon.DaemonApplication;
import io.github.daemonsteps.daemon.DaemonContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A daemon context for unit tests of an application, without a process. The test plays the launcher and the
 * signals.
 *
 * <pre>{@code
 * var context = TestDaemonContext.named("echo", "--port", "0");
 * context.run(new EchoServer());
 * assertThat(context.readyMessage()).contains("listening");
 * context.stop();
 * }</pre>
 */
public final class TestDaemonContext implements DaemonContext {

    private final String name;
    private final List<String> args;
    private final Path directory;
    private final CountDownLatch ready = new CountDownLatch(1);
    private final List<Action> reloadActions = new ArrayList<>();
    private final Deque<Action> stopActions = new ArrayDeque<>();
    private final List<Duration> extensions = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final List<String> statuses = new ArrayList<>();
    private BooleanSupplier healthCheck = () -> true;
    private @Nullable String message;

    private TestDaemonContext(String name, List<String> args, Path directory) {
        this.name = name;
        this.args = args;
        this.directory = directory;
    }

    /**
     * Returns the context of a daemon that was started in the working directory of this JVM.
     *
     * @param name the name of the daemon
     * @param args the arguments of the application, without the subcommand
     */
    public static TestDaemonContext named(String name, String... args) {
        return new TestDaemonContext(name, List.of(args), Path.of("").toAbsolutePath());
    }

    /**
     * Returns the context of a daemon that was started in another directory.
     *
     * @param launcherDirectory the directory that {@link #resolve} uses
     */
    public TestDaemonContext startedIn(Path launcherDirectory) {
        return new TestDaemonContext(name, args, launcherDirectory.toAbsolutePath());
    }

    /**
     * Runs the application on this thread, as a daemon does on its main thread.
     *
     * @param application the application
     * @throws Exception if the application throws it
     */
    public void run(DaemonApplication application) throws Exception {
        application.run(this);
    }

    /** Returns whether the application has called {@link #ready}. */
    public synchronized boolean isReady() {
        return message != null;
    }

    /** Returns the message of {@link #ready}; empty if the application has not called it. */
    public synchronized Optional<String> readyMessage() {
        return Optional.ofNullable(message);
    }

    /**
     * Waits until the application, on another thread, has called {@link #ready}.
     *
     * @param timeout the time limit
     * @throws AssertionError if the time is over
     */
    public void awaitReady(Duration timeout) throws InterruptedException {
        if (!ready.await(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new AssertionError(
                    "the application has not called ready() within " + timeout.toMillis() + " ms");
        }
    }

    /** Returns the times by which the application has extended its start, in order. */
    public synchronized List<Duration> extensions() {
        return List.copyOf(extensions);
    }

    /** Returns the states that the application has told, in order. */
    public synchronized List<String> statuses() {
        return List.copyOf(statuses);
    }

    /** Calls the health check of the watchdog, as its thread does. Returns true if none was set. */
    public boolean isHealthy() {
        BooleanSupplier check;
        synchronized (this) {
            check = healthCheck;
        }
        return check.getAsBoolean();
    }

    /** Performs the reload actions, in the order in which they were added, as SIGHUP does. */
    public void reload() {
        List<Action> actions;
        synchronized (this) {
            actions = List.copyOf(reloadActions);
        }
        actions.forEach(this::perform);
    }

    /** Performs the stop actions, the last one first, as SIGTERM does. */
    public void stop() {
        List<Action> actions;
        synchronized (this) {
            actions = List.copyOf(stopActions);
        }
        actions.forEach(this::perform);
    }

    /** Returns what actions have thrown. A daemon logs it, and performs the next action. */
    public synchronized List<Throwable> failures() {
        return List.copyOf(failures);
    }

    private void perform(Action action) {
        try {
            action.run();
        } catch (Throwable e) {
            synchronized (this) {
                failures.add(e);
            }
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<String> args() {
        return args;
    }

    @Override
    public Path resolve(Path path) {
        return directory.resolve(path);
    }

    @Override
    public synchronized void ready(String readyMessage) {
        if (message != null) {
            throw new IllegalStateException("ready() was already called");
        }
        message = readyMessage;
        ready.countDown();
    }

    @Override
    public synchronized void extendStartTimeout(Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException("a time must not be negative: " + time);
        }
        extensions.add(time);
    }

    @Override
    public synchronized void status(String text) {
        statuses.add(text);
    }

    @Override
    public synchronized void watchdog(BooleanSupplier isHealthy) {
        healthCheck = isHealthy;
    }

    @Override
    public synchronized void onReload(Action action) {
        reloadActions.add(action);
    }

    @Override
    public synchronized void onStop(Action action) {
        stopActions.addFirst(action);
    }
}
