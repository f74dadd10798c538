package io.github.daemonsteps.testing;

import io.github.daemonsteps.testkit.ResourceSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.locks.LockSupport;

/**
 * The resources that must stay the same in a launcher, however often it forks.
 *
 * @param resources its descriptors, children and mappings
 * @param threads the number of its Java threads
 */
public record Belongings(ResourceSnapshot resources, int threads) {

    /** Returns the resources of this process. */
    public static Belongings now() {
        return new Belongings(ResourceSnapshot.ofThisJvm(), Thread.getAllStackTraces().size());
    }

    /**
     * Returns the first reading that does not exceed {@code before}, or the last one at the deadline. The
     * JVM itself opens a file now and then.
     */
    public static Belongings nowOrSoon(Belongings before, Duration deadline) {
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
        return resources.descriptors().equals(before.resources.descriptors()) && hasGainedNoOther(before);
    }

    private boolean hasGainedNoOther(Belongings before) {
        return threads <= before.threads && resources.children().equals(before.resources.children())
                && resources.sharedMappings() == before.resources.sharedMappings();
    }

    /** Returns the descriptors of {@code before} that are closed now, or have another file. */
    public List<String> lostSince(Belongings before) {
        return missing(before.resources.descriptors(), resources.descriptors());
    }

    /** Returns whether descriptors were lost, and nothing was added. */
    public boolean hasOnlyLostSince(Belongings before) {
        return !lostSince(before).isEmpty()
                && missing(resources.descriptors(), before.resources.descriptors()).isEmpty()
                && hasGainedNoOther(before);
    }

    /** Returns the differences for messages. */
    public String since(Belongings before) {
        return "descriptors opened " + missing(resources.descriptors(), before.resources.descriptors())
                + ", lost "
                + lostSince(before) + ", threads " + before.threads + " and now " + threads + ", children "
                + before.resources.children() + " and now " + resources.children() + ", shared mappings "
                + before.resources.sharedMappings() + " and now " + resources.sharedMappings();
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
}
