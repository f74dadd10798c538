package io.github.daemonsteps.testkit;

import io.github.daemonsteps.posix.SignalSet;
import io.github.daemonsteps.process.ProcessState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The differences between two states, by the names of the components of {@link ProcessState}. */
final class StateChanges {

    private record Component(String name, Function<ProcessState, @Nullable Object> value) {}

    private static final String DESCRIPTORS = "fds";

    private static final List<Component> COMPONENTS = List.of(new Component("pid", ProcessState::pid),
            new Component("ppid", ProcessState::ppid), new Component("pgid", ProcessState::pgid),
            new Component("sid", ProcessState::sid), new Component("terminal", ProcessState::terminal),
            new Component("tty", ProcessState::tty), new Component("cwd", ProcessState::cwd),
            new Component("umask", ProcessState::umask), new Component(DESCRIPTORS, ProcessState::fds),
            new Component("uid", ProcessState::uid), new Component("gid", ProcessState::gid),
            new Component("groups", ProcessState::groups), new Component("blocked", ProcessState::blocked),
            new Component("ignored", ProcessState::ignored), new Component("caught", ProcessState::caught));

    private StateChanges() {
    }

    /** Returns the names of all components, in their order. */
    static List<String> names() {
        return COMPONENTS.stream().map(Component::name).toList();
    }

    /**
     * Returns the changes, one line each.
     *
     * @param before the state before
     * @param after the state after
     * @param allowed the components that may change
     */
    static List<String> between(ProcessState before, ProcessState after, Set<String> allowed) {
        List<String> changes = new ArrayList<>();
        for (Component component : COMPONENTS) {
            Object old = component.value().apply(before);
            Object now = component.value().apply(after);
            if (!Objects.equals(old, now) && !allowed.contains(component.name())) {
                changes.add(component.name() + ": " + change(component, before, after));
            }
        }
        return changes;
    }

    private static String change(Component component, ProcessState before, ProcessState after) {
        SortedMap<Integer, String> old = before.fds();
        SortedMap<Integer, String> now = after.fds();
        if (!component.name().equals(DESCRIPTORS)) {
            return text(component.value().apply(before)) + " -> " + text(component.value().apply(after));
        }
        return old == null || now == null ? count(old) + " -> " + count(now) : descriptors(old, now);
    }

    private static String text(@Nullable Object value) {
        return switch (value) {
            case null -> "unknown";
            case SignalSet signals -> FailureText.signals(signals);
            default -> value.toString();
        };
    }

    private static String count(@Nullable SortedMap<Integer, String> fds) {
        return fds == null ? "unknown" : fds.size() + " open";
    }

    private static String descriptors(SortedMap<Integer, String> before, SortedMap<Integer, String> after) {
        SortedMap<Integer, String> opened = new TreeMap<>(after);
        opened.keySet().removeAll(before.keySet());
        SortedMap<Integer, String> closed = new TreeMap<>(before);
        closed.keySet().removeAll(after.keySet());
        SortedMap<Integer, String> changed = new TreeMap<>();
        before.forEach((fd, file) -> {
            if (after.containsKey(fd) && !file.equals(after.get(fd))) {
                changed.put(fd, file + " -> " + after.get(fd));
            }
        });
        List<String> parts = new ArrayList<>();
        add(parts, "opened", opened);
        add(parts, "closed", closed);
        add(parts, "changed", changed);
        return String.join("; ", parts);
    }

    private static void add(List<String> parts, String verb, SortedMap<Integer, String> fds) {
        if (!fds.isEmpty()) {
            parts.add(verb + " " + FailureText.descriptors(fds));
        }
    }
}
