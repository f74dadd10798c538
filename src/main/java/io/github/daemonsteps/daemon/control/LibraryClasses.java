package io.github.daemonsteps.daemon.control;

import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.posix.Deadline;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * The early loading of this library's classes: before a daemon reports that it is ready, and in an
 * application's launcher before the wait. The library's jar may be overwritten meanwhile. A class that is
 * first needed afterwards is not found then.
 *
 * <p>The build lists the classes, without those that only a launcher needs. Only loading needs the jar. A
 * loaded class is linked and initialized from memory, with other classes of the list and of the JDK.
 */
public final class LibraryClasses {

    /** The place of this package below that of the library. */
    private static final String OWN = ".daemon.control";

    /** Lists class files, relative to the directory of the library's first package. */
    private static final String LIST = "library-classes.txt";

    private static final String SUFFIX = ".class";

    private final Consumer<Throwable> log;
    private final Thread loading = new Thread(this::loadAll, "daemon-steps classes");

    private LibraryClasses(Consumer<Throwable> log) {
        this.log = log;
    }

    /**
     * Starts to load the classes in a thread, while the daemon becomes ready. A class that cannot be loaded
     * is logged.
     */
    public static LibraryClasses load(Consumer<Throwable> log) {
        var classes = new LibraryClasses(log);
        classes.loading.setDaemon(true);
        classes.loading.start();
        return classes;
    }

    /**
     * Loads the classes on this thread if this JVM is the launcher of an application, which is about to wait.
     */
    public static void loadBeforeWait(DaemonConfig config) {
        if (config.isApplication()) {
            new LibraryClasses(_ -> {
                // A class that is not loaded now is searched again when it is needed.
            }).loadAll();
        }
    }

    /** Waits until the classes are loaded. */
    public void await() {
        Uninterrupted.hasEnded(loading, Deadline.in(Duration.ofDays(1)));
    }

    private void loadAll() {
        try {
            String own = LibraryClasses.class.getPackageName();
            // A packager may have renamed the first package.
            String root = own.substring(0, own.length() - OWN.length());
            names().forEach(name -> load(root + "." + name));
        } catch (Throwable e) {
            log.accept(e);
        }
    }

    private void load(String name) {
        try {
            Class.forName(name, false, LibraryClasses.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            // The packager of the application has removed a class that the application does not use.
        } catch (Throwable e) {
            log.accept(e);
        }
    }

    private static List<String> names() throws IOException {
        InputStream list = LibraryClasses.class.getResourceAsStream(LIST);
        if (list == null) {
            throw new IOException("the resource " + LIST
                    + " is missing: if the application's jar is overwritten while this daemon runs, a stop or"
                    + " a reload may fail");
        }
        try (var lines = new BufferedReader(new InputStreamReader(list, StandardCharsets.UTF_8))) {
            return lines.lines().map(
                    file -> file.substring(0, file.length() - SUFFIX.length()).replace('/', '.')).toList();
        }
    }
}
