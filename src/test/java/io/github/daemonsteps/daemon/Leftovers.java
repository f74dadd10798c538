package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.Belongings;
import io.github.daemonsteps.testkit.Faults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The resources before a start in this JVM. After the start they must be the same. */
final class Leftovers {

    /** A guard against hanging. */
    private static final Duration DEADLINE = Duration.ofSeconds(5);

    private final StartWithFaults start;
    private final Belongings before = Belongings.now();
    private final Set<Integer> childrenBefore = children();
    private final Set<Integer> processesBefore;
    private boolean hasOnlyLostDescriptors;

    /** Takes the resources of this moment. */
    Leftovers(StartWithFaults start) throws IOException {
        this.start = start;
        this.processesBefore = processes(start);
    }

    private static void require(List<String> wrong, boolean fact, String what) {
        if (!fact) {
            wrong.add(what);
        }
    }

    /** Returns whether a descriptor of this JVM that was open before is closed, and no other was opened. */
    boolean hasOnlyLostDescriptors() {
        return hasOnlyLostDescriptors;
    }

    /** Returns what is left. */
    List<String> check(Faults faults, boolean pidFileMayStay) throws IOException {
        List<String> wrong = new ArrayList<>();
        for (int pid : faults.forked()) {
            if (pid > 1 && !hasEndedInTime(pid)) {
                wrong.add("process " + pid + " is left");
                Processes.kill(pid);
            }
        }
        for (int pid : processes(start)) {
            // SIGKILL to its group may have been sent, and its end be near.
            if (!processesBefore.contains(pid) && !hasEndedInTime(pid)) {
                wrong.add("process " + pid + " is left, unknown to the launcher");
                Processes.kill(pid);
            }
        }
        require(wrong, children().equals(childrenBefore), "not reaped: " + children());
        Belongings after = Belongings.nowOrSoon(before, DEADLINE);
        require(wrong, after.isNoMoreThan(before), after.since(before));
        hasOnlyLostDescriptors = after.hasOnlyLostSince(before);
        try (Stream<Path> files = Files.list(start.directory())) {
            for (Path file : files.toList()) {
                boolean isLog =
                        file.equals(start.log()) && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
                boolean isPidFile =
                        file.equals(start.pidFile()) || file.equals(PidFiles.record(start.pidFile()));
                if (!isLog && !(isPidFile && pidFileMayStay)) {
                    wrong.add("left " + file.getFileName());
                }
                Files.delete(file);
            }
        }
        return wrong;
    }

    /** Only a parent is notified of an exit. The exit comes soon, or not at all. */
    private static boolean hasEndedInTime(int pid) {
        return Await.within(DEADLINE, () -> Processes.hasEnded(pid));
    }

    /** Returns the processes of a start here: the forks of this JVM, and programs with the tag of the start. */
    private static Set<Integer> processes(StartWithFaults start) throws IOException {
        Set<Integer> processes = new LinkedHashSet<>(start.tag().processes());
        processes.addAll(Processes.forksOfThisJvm());
        return processes;
    }

    private static Set<Integer> children() throws IOException {
        return Processes.children((int) ProcessHandle.current().pid());
    }
}
