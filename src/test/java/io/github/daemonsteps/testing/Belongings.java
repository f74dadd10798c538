package io.github.daemonsteps.testing;

import io.github.daemonsteps.testkit.ResourceSnapshot;
import java.time.Duration;

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
        Belongings[] now = {now()};
        Await.within(deadline, () -> {
            now[0] = now();
            return now[0].isNoMoreThan(before);
        });
        return now[0];
    }

    /**
     * Returns whether nothing was added, and no descriptor was lost. A thread of the JVM may end at any
     * time.
     */
    public boolean isNoMoreThan(Belongings before) {
        return threads <= before.threads && resources.equals(before.resources);
    }

    /** Returns whether descriptors were lost, and nothing was added. */
    public boolean hasOnlyLostSince(Belongings before) {
        var open = resources.descriptors();
        var openBefore = before.resources.descriptors();
        return openBefore.entrySet().containsAll(open.entrySet()) && open.size() < openBefore.size()
                && isNoMoreThan(new Belongings(new ResourceSnapshot(open, before.resources.children(),
                        before.resources.sharedMappings()), before.threads));
    }

    /** Returns the differences for messages. */
    public String since(Belongings before) {
        return before + " has become " + this;
    }
}
