package io.github.daemonsteps.testkit;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.function.Executable;

/** The extension of {@link Daemons}. */
final class DaemonsExtension implements BeforeEachCallback, AfterEachCallback, ParameterResolver {

    /** The launcher of the test that runs now. Tests with this extension do not run in parallel. */
    private static volatile @Nullable Launcher current;

    private static final Namespace NAMESPACE = Namespace.create(DaemonsExtension.class);

    /**
     * The state of a test.
     *
     * @param directory the directory of the test
     * @param launcher starts the processes of the test
     * @param before the resources of this JVM before the test
     */
    private record State(TestDirectory directory, Launcher launcher, ResourceSnapshot before) {

        static State create() throws IOException {
            TestDirectory directory = TestDirectory.create();
            var launcher = new Launcher(directory, UUID.randomUUID().toString());
            return new State(directory, launcher, ResourceSnapshot.ofThisJvm());
        }

        /**
         * Ends everything, and returns what the test has left. A failure does not keep the rest from being
         * ended.
         */
        List<String> end() {
            List<String> left = new ArrayList<>();
            for (AutoCloseable each : launcher.opened().reversed()) {
                attempt(left, each::close);
            }
            Set<Long> known = launcher.pidsOfRuns();
            StartedProcesses started = launcher.started();
            for (ProcessHandle process : started.left(known)) {
                left.add(started.describe(process));
            }
            for (ProcessHandle process : started.end(known)) {
                left.add("process " + process.pid() + " cannot be killed by this user");
            }
            attempt(left, () -> {
                for (Path pidFile : directory.filesThatEndWith(".pid")) {
                    left.add("the pid file " + pidFile + " is left");
                }
            });
            left.addAll(ResourceSnapshot.gainedSince(before));
            for (TestDirectory each : launcher.directories()) {
                attempt(left, each::delete);
            }
            return left;
        }

        private static void attempt(List<String> left, Executable action) {
            try {
                action.execute();
            } catch (Throwable e) {
                left.add("cannot be cleaned up: " + e);
            }
        }
    }

    /** Returns the launcher of the test that runs now; null if the test does not have the extension. */
    static @Nullable Launcher current() {
        return current;
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        State state = State.create();
        store(context).put(State.class, state);
        current = state.launcher();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        current = null;
        State state = store(context).get(State.class, State.class);
        List<String> left = state == null ? List.of() : state.end();
        if (!left.isEmpty()) {
            // JUnit adds this error to that of a test that has failed.
            throw new AssertionError("the test has left:\n- " + String.join("\n- ", left));
        }
    }

    private static ExtensionContext.Store store(ExtensionContext context) {
        return context.getStore(NAMESPACE);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == TestDirectory.class || type == Launcher.class || type == Pty.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        State state = store(context).get(State.class, State.class);
        if (state == null) {
            throw new ParameterResolutionException(
                    "a Launcher, TestDirectory or Pty is a parameter of test methods and of @BeforeEach methods only");
        }
        Class<?> type = parameter.getParameter().getType();
        if (type == TestDirectory.class) {
            return state.directory();
        }
        if (type == Launcher.class) {
            return state.launcher();
        }
        Pty terminal = Pty.open();
        state.launcher().closeAfterTest(terminal);
        return terminal;
    }
}
