package io.github.daemonsteps.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The resources of a launcher that a start could leak. A start leaves them as they were.
 *
 * @param descriptors the open descriptors with their files, without those that the JVM opens for itself
 * @param children the child processes, zombies too
 * @param sharedMappings the number of memory mappings that are shared with forked processes
 */
public record ResourceSnapshot(SortedMap<Integer, String> descriptors, Set<Integer> children,
        int sharedMappings) {

    private static final int SELF = (int) ProcessHandle.current().pid();

    /**
     * Jars and modules that are opened when a class is loaded, random numbers, and the selectors of the
     * JDK.
     */
    private static final String OF_THE_JVM =
            ".*(\\.jar|/lib/modules|/dev/u?random|anon_inode:\\[event(poll|fd)\\])";

    private static final Duration SOON = Duration.ofSeconds(2);

    static {
        // The JDK opens a socket for itself when the first socket of a JVM is closed, and never closes that.
        try {
            SocketChannel.open().close();
        } catch (IOException e) {
            // this JVM can open no sockets
        }
    }

    /** Returns the resources of this JVM. */
    public static ResourceSnapshot ofThisJvm() {
        return of(SELF);
    }

    /**
     * Returns the resources of another JVM, or of this one.
     *
     * @param pid the process id of the JVM
     * @throws UncheckedIOException if the process has ended, or this user may not see its resources
     */
    public static ResourceSnapshot of(int pid) {
        Path process = Path.of("/proc", Integer.toString(pid));
        try {
            return new ResourceSnapshot(openDescriptors(process), childProcesses(process), mappings(process));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Returns what this JVM has gained since an earlier moment, one line each. The method waits two seconds
     * for resources that other threads are about to free, such as the pipes of a process that has just
     * exited.
     *
     * @param before the resources of the earlier moment
     * @return the lines; empty if nothing was gained
     */
    public static List<String> gainedSince(ResourceSnapshot before) {
        return Remainder.after(SOON, () -> ofThisJvm().gainsOver(before));
    }

    private List<String> gainsOver(ResourceSnapshot before) {
        List<String> gains = new ArrayList<>();
        descriptors.forEach((fd, file) -> {
            if (!file.equals(before.descriptors.get(fd))) {
                gains.add("descriptor " + fd + " of this JVM is open on " + file + lockOf(fd));
            }
        });
        for (int child : children) {
            if (!before.children.contains(child)) {
                gains.add("process " + child + " is a child of this JVM, and is not reaped");
            }
        }
        if (sharedMappings > before.sharedMappings) {
            gains.add("this JVM has " + (sharedMappings - before.sharedMappings)
                    + " more memory mappings that are shared with a forked process");
        }
        return gains;
    }

    private static String lockOf(int fd) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/fdinfo", Integer.toString(fd)))) {
            return lines.anyMatch(line -> line.startsWith("lock:")) ? ", and holds a lock of that file" : "";
        } catch (IOException | UncheckedIOException e) { // closed meanwhile
            return "";
        }
    }

    private static SortedMap<Integer, String> openDescriptors(Path process) throws IOException {
        SortedMap<Integer, String> open = new TreeMap<>();
        Path directory = process.resolve("fd");
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                try {
                    String file = Files.readSymbolicLink(entry).toString();
                    if (!file.equals(directory.toString()) && !file.matches(OF_THE_JVM)) {
                        open.put(Integer.valueOf(entry.getFileName().toString()), file);
                    }
                } catch (NoSuchFileException e) {
                    // another thread has closed the descriptor meanwhile
                }
            }
        }
        return open;
    }

    private static Set<Integer> childProcesses(Path process) throws IOException {
        Set<Integer> children = new TreeSet<>();
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(process.resolve("task"))) {
            for (Path thread : threads) {
                try {
                    for (String child : Files.readString(thread.resolve("children")).split(" ", -1)) {
                        if (!child.isEmpty()) {
                            children.add(Integer.valueOf(child));
                        }
                    }
                } catch (NoSuchFileException e) {
                    // the thread has ended meanwhile
                }
            }
        }
        return children;
    }

    /**
     * The mappings of the relays are shared and anonymous. A shared mapping of a heap, as that of ZGC, has
     * a file.
     */
    private static int mappings(Path process) throws IOException {
        try (Stream<String> mappings = Files.lines(process.resolve("maps"), StandardCharsets.ISO_8859_1)) {
            return (int) mappings.filter(mapping -> mapping.contains("/dev/zero")).count();
        }
    }
}
