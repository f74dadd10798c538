package io.github.daemonsteps.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * What is to stay the same in a launcher, however often it has forked.
 *
 * @param descriptors how many it has open
 * @param threads how many threads of Java's it has
 * @param sharedMappings how many mappings of the relays' kind
 */
public record Belongings(int descriptors, int threads, int sharedMappings) {

    /** Those of this process. */
    public static Belongings now() throws IOException {
        return new Belongings(entries("/proc/self/fd"), Thread.getAllStackTraces().size(),
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

    /** Whether nothing has come to these. Threads of the JVM's own may end at any time. */
    public boolean isNoMoreThan(Belongings before) {
        return descriptors == before.descriptors && threads <= before.threads
                && sharedMappings == before.sharedMappings;
    }

    private static int entries(String directory) throws IOException {
        try (Stream<Path> entries = Files.list(Path.of(directory))) {
            return (int) entries.count();
        }
    }

    /** Those of the relays: a heap that is mapped shared, as that of ZGC, has a file. */
    private static int sharedAnonymousMappings() throws IOException {
        try (Stream<String> mappings = Files.lines(Path.of("/proc/self/maps"))) {
            return (int) mappings.filter(mapping -> mapping.contains("/dev/zero")).count();
        }
    }
}
