package io.github.daemonsteps.daemon.control;

import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.posix.Deadline;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * The early loading of this library's classes: before a daemon reports that it is ready, and in an
 * application's launcher before the wait. The library's jar may be overwritten meanwhile. A class that is
 * first needed afterwards is not found then.
 *
 * <p>The build lists the classes. Only loading needs the jar. A loaded class is linked and initialized from
 * memory, with other classes of the list and of the JDK.
 */
public final class LibraryClasses implements Runnable {

    /** The place of this package below that of the library. */
    private static final String OWN = ".daemon.control";

    /** Lists the class files that an application's launcher needs, relative to the first package. */
    private static final String OF_LAUNCHER = "launcher-classes.txt";

    /** Lists the class files that a stop or a reload of a daemon needs. */
    private static final String OF_DAEMON = "daemon-classes.txt";

    /** Lists the class files that a launcher and a daemon need to send messages to a supervisor. */
    private static final String OF_SUPERVISED = "supervised-classes.txt";

    private static final String SUFFIX = ".class";

    private final String[] lists;
    private final Consumer<Throwable> log;
    private final Thread loading = new Thread(this, "daemon-steps classes");

    private LibraryClasses(String list, boolean isSupervised, Consumer<Throwable> log) {
        this.lists = isSupervised ? new String[]{list, OF_SUPERVISED} : new String[]{list};
        this.log = log;
    }

    /**
     * Starts to load what a stop or a reload needs in a thread, while the daemon becomes ready. A class that
     * cannot be loaded is logged.
     *
     * @param isSupervised whether a supervisor takes messages
     */
    public static LibraryClasses loadInDaemon(boolean isSupervised, Consumer<Throwable> log) {
        var classes = new LibraryClasses(OF_DAEMON, isSupervised, log);
        classes.loading.setDaemon(true);
        classes.loading.start();
        return classes;
    }

    /**
     * Loads the classes on this thread if this JVM is the launcher of an application, which is about to wait
     * and then tells no supervisor.
     */
    public static void loadBeforeWait(DaemonConfig config) {
        loadBeforeWait(config, false);
    }

    /**
     * Loads the classes on this thread if this JVM is the launcher of an application, which is about to wait.
     *
     * @param isSupervised whether a supervisor takes messages
     */
    public static void loadBeforeWait(DaemonConfig config, boolean isSupervised) {
        if (config.isApplication()) {
            new LibraryClasses(OF_LAUNCHER, isSupervised, _ -> {
                // A class that is not loaded now is searched again when it is needed.
            }).run();
        }
    }

    /** Waits until the classes are loaded. */
    public void await() {
        Uninterrupted.hasEnded(loading, Deadline.in(Duration.ofDays(1)));
    }

    @Override
    public void run() {
        try {
            String own = LibraryClasses.class.getPackageName();
            // A packager may have renamed the first package.
            String root = own.substring(0, own.length() - OWN.length());
            for (String list : lists) {
                for (String name : names(list)) {
                    load(root + "." + name);
                }
            }
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

    private static String[] names(String list) throws IOException {
        InputStream resource = LibraryClasses.class.getResourceAsStream(list);
        if (resource == null) {
            throw new IOException("the resource " + list
                    + " is missing: if the application's jar is overwritten while this daemon runs, a stop or"
                    + " a reload may fail");
        }
        try (resource) {
            String files = new String(resource.readAllBytes(), StandardCharsets.UTF_8);
            return files.replace(SUFFIX, "").replace('/', '.').split("\n", 0);
        }
    }
}
