package io.github.daemonsteps.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * What is to stay the same in a launcher, however often it has forked.
 *
 * @param descriptors those that it has open, and what each of them is
 * @param threads how many threads of Java's it has
 * @param sharedMappings how many mappings of the relays' kind
 */
public record Belongings(SortedMap<Integer, String> descriptors, int threads, int sharedMappings) {

    /** Those of this process. */
    public static Belongings now() throws IOException {
        return new Belongings(openDescriptors(), Thread.getAllStackTraces().size(),
                sharedAnonymousMappings());
    }

    /** The first reading that is no more than {@code before}, if there is one in time: the JVM itself opens a file now and then. */
    public static Belongings nowOrSoon(Belongings before, Duration deadline) throws IOException {
        long until = System.nanoTime() + deadline.toNanos();
        Belongings now = now();
        while (!now.isNoMoreThan(before) && System.nanoTime() - until < 0) {
            LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
            now = now();
        }
        return now;
    }

    /** Whether nothing has come to these, and no descriptor was lost. Threads of the JVM's own may end at any time. */
    public boolean isNoMoreThan(Belongings before) {
        return descriptors.equals(before.descriptors) && threads <= before.threads
                && sharedMappings == before.sharedMappings;
    }

    /** The descriptors of {@code before} that are closed now, or that have become another file. */
    public List<String> lostSince(Belongings before) {
        return missing(before.descriptors, descriptors);
    }

    /** Whether descriptors were lost, and nothing has come to these. */
    public boolean hasOnlyLostSince(Belongings before) {
        return !lostSince(before).isEmpty() && missing(descriptors, before.descriptors).isEmpty()
                && threads <= before.threads && sharedMappings == before.sharedMappings;
    }

    /** What differs, for people. */
    public String since(Belongings before) {
        return "descriptors opened " + missing(descriptors, before.descriptors) + ", lost "
                + lostSince(before) + ", threads " + before.threads + " and now " + threads
                + ", shared mappings " + before.sharedMappings + " and now " + sharedMappings;
    }

    private static List<String> missing(SortedMap<Integer, String> from, SortedMap<Integer, String> in) {
        List<String> missing = new ArrayList<>();
        from.forEach((fd, file) -> {
            if (!file.equals(in.get(fd))) {
                missing.add(fd + " is " + file);
            }
        });
        return missing;
    }

    private static SortedMap<Integer, String> openDescriptors() throws IOException {
        Path directory = Path.of("/proc", Long.toString(ProcessHandle.current().pid()), "fd");
        SortedMap<Integer, String> open = new TreeMap<>();
        try (var entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                try {
                    Path file = Files.readSymbolicLink(entry);
                    if (!file.equals(directory)) { // the descriptor that reads it
                        open.put(Integer.valueOf(entry.getFileName().toString()), file.toString());
                    }
                } catch (NoSuchFileException closed) {
                    // by another thread, since the directory was read
                }
            }
        }
        return open;
    }

    /** Those of the relays: a heap that is mapped shared, as that of ZGC, has a file. */
    private static int sharedAnonymousMappings() throws IOException {
        try (Stream<String> mappings = Files.lines(Path.of("/proc/self/maps"))) {
            return (int) mappings.filter(mapping -> mapping.contains("/dev/zero")).count();
        }
    }
}
