package io.github.daemonsteps.steps.extra;

import io.github.daemonsteps.posix.Credentials.Ids;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.Capabilities;
import io.github.daemonsteps.process.ProcessInspector;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.steps.StepContext;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The credentials of root without a process. Only root can change users on a real one, and no kernel gives
 * root back to a user. The calls are recorded, and have no effect or too much if the test says so.
 */
final class ScriptedCredentials {

    /** The names and arguments of all calls, in order. */
    final List<String> calls = new ArrayList<>();
    /** The calls that have no effect and succeed. */
    final List<String> idle = new ArrayList<>();
    /** The calls that an ordinary user is permitted. */
    final List<String> regaining = new ArrayList<>();
    /** The capabilities at the end. */
    long capabilities;

    private List<Long> groups = List.of(0L, 4L);
    private Ids gids = Ids.all(0);
    private Ids uids = Ids.all(0);

    /** Returns the context of a step. The kernel shows the capabilities only. */
    StepContext context() {
        return new StepContext(
                proxy(ForkedProcess.class, (_, method, arguments) -> answer(method, arguments)),
                proxy(ProcessInspector.class, (_, method, _) -> switch (method.getName()) {
                    case "state", "stateAfterWaiting" -> ProcessState.of(Integer.MAX_VALUE);
                    case "capabilities" -> new Capabilities(capabilities, capabilities);
                    default -> throw new AssertionError(method);
                }));
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[]{type}, handler));
    }

    private @Nullable Object answer(Method method, Object @Nullable [] arguments) {
        String name = method.getName();
        if (name.equals("pid")) {
            return Integer.MAX_VALUE;
        }
        if (name.equals("requestCount")) {
            return (long) calls.size();
        }
        if (name.equals("setCallListener")) {
            return null;
        }
        calls.add(name + Arrays.toString(arguments == null ? new Object[0] : arguments));
        return switch (name) {
            case "getgroups" -> groups;
            case "getresgid" -> gids;
            case "getresuid" -> uids;
            case "joinNewSessionKeyring", "dropCapabilities" -> null;
            case "setgroups", "setresgid", "setresuid", "setgid", "setuid" -> set(name, arguments[0]);
            default -> throw new AssertionError("the step does not call " + name);
        };
    }

    @SuppressWarnings("unchecked")
    private @Nullable Object set(String name, Object ids) {
        if (uids.effective() != 0 && !regaining.contains(name)) {
            throw new PosixException(new PosixCall(name, List.of(ids.toString()), "-1", Errno.EPERM));
        }
        if (!idle.contains(name)) {
            switch (name) {
                case "setgroups" -> groups = List.copyOf((List<Long>) ids);
                case "setresgid" -> gids = (Ids) ids;
                case "setresuid" -> uids = (Ids) ids;
                default -> {
                }
            }
        }
        return null;
    }
}
