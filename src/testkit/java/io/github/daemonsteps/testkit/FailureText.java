package io.github.daemonsteps.testkit;

import io.github.daemonsteps.posix.SignalSet;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** The parts of a failure message. Long lists are shortened: a launcher may have hundreds of descriptors. */
final class FailureText {

    private static final int MAX_ITEMS = 8;

    private FailureText() {
    }

    /** Joins the items by commas. Counts those beyond the first eight. */
    static String list(List<?> items) {
        List<String> shown = items.stream().limit(MAX_ITEMS).map(String::valueOf).toList();
        String text = String.join(", ", shown);
        return items.size() <= MAX_ITEMS ? text : text + " and " + (items.size() - MAX_ITEMS) + " more";
    }

    /** Joins descriptors with their files: {@code 0 (/dev/null), 5 (socket:[12])}. */
    static String descriptors(SortedMap<Integer, String> fds) {
        return list(fds.entrySet().stream().map(FailureText::descriptor).toList());
    }

    /** Joins the names of signals: {@code {SIGHUP, SIGINT}}. */
    static String signals(SignalSet signals) {
        return "{" + list(signals.signals()) + "}";
    }

    private static String descriptor(Map.Entry<Integer, String> fd) {
        return fd.getKey() + " (" + fd.getValue() + ")";
    }
}
