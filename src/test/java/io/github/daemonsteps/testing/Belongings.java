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
 * The resources that must stay the same in a launcher, however often it forks.
 *
 * @param descriptors its open descriptors with their files
 * @param threads the number of its Java threads
 * @param sharedMappings the number of mappings of the relays' kind
 */
public record Belongings(SortedMap<Integer, String> descriptors, int threads, int sharedMappings) {

    /** Returns the resources of this process. */
    public static Belongings now() throws IOException {
        return new Belongings(openDescriptors(), Thread.getAllStackTraces().size(),
                sharedAnonymousMappings());
    }

    /**
     * Returns the first reading that does not exceed {@code before}, or the last one at the deadline. The
     * JVM itself opens a file now and then.
     */
    public static Belongings nowOrSoon(Belongings before, Duration deadline) throws IOException {
        long until = System.nanoTime() + deadline.toNanos();
        Belongings now = now();
        while (!now.isNoMoreThan(before) && System.nanoTime() - until < 0) {
            LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
            now = now();
        }
        return now;
    }

    /**
     * Returns whether nothing was added, and no descriptor was lost. A thread of the JVM may end at any
     * time.
     */
    public boolean isNoMoreThan(Belongings before) {
        return descriptors.equals(before.descriptors) && threads <= before.threads
                && sharedMappings == before.sharedMappings;
    }

    /** Returns the descriptors of {@code before} that are closed now, or have another file. */
    public List<String> lostSince(Belongings before) {
        return missing(before.descriptors, descriptors);
    }

    /** Returns whether descriptors were lost, and nothing was added. */
    public boolean hasOnlyLostSince(Belongings before) {
        return !lostSince(before).isEmpty() && missing(descriptors, before.descriptors).isEmpty()
                && threads <= before.threads && sharedMappings == before.sharedMappings;
    }

    /** Returns the differences for messages. */
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
                    if (!file.equals(directory)) { // the descriptor of this listing
                        open.put(Integer.valueOf(entry.getFileName().toString()), file.toString());
                    }
                } catch (NoSuchFileException closed) {
                    // another thread has closed it meanwhile
                }
            }
        }
        return open;
    }

    /** Those of the relays: a shared mapping of the heap, as that of ZGC, has a file. */
    private static int sharedAnonymousMappings() throws IOException {
        try (Stream<String> mappings = Files.lines(Path.of("/proc/self/maps"))) {
            return (int) mappings.filter(mapping -> mapping.contains("/dev/zero")).count();
        }
    }
}
