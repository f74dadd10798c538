package io.github.daemonsteps.cli;

import io.github.daemonsteps.text.IoReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The files of the demo between its runs: the page, the log and the pid file. They are in a directory of the
 * user's own. Only one run at a time has the directory open.
 */
final class DemoDirectory implements AutoCloseable {

    private static final String PAGE = """
            <!doctype html>
            <html lang="en">
            <title>A daemon</title>
            <h1>It works</h1>
            <p>This page comes from a process that leads no session, has no terminal and lives in /.</p>
            """;

    private static final Set<PosixFilePermission> PRIVATE_DIRECTORY =
            PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> PRIVATE_FILE = PosixFilePermissions.fromString("rw-------");

    private final Path directory;
    private final FileChannel lock;

    private DemoDirectory(Path directory, FileChannel lock) {
        this.directory = directory;
        this.lock = lock;
    }

    /**
     * Opens the directory, in {@code ~/.local/state} for every user. Waits while another run has the
     * directory open.
     */
    static DemoDirectory open() throws IOException {
        Path directory = stateDirectory().resolve("daemon-steps").resolve("demo");
        try {
            createDirectories(directory);
            Path file = directory.resolve("lock");
            FileChannel lock = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            lock.lock(); // until the channel is closed
            Files.setPosixFilePermissions(file, PRIVATE_FILE);
            return new DemoDirectory(directory, lock);
        } catch (IOException e) {
            throw CommandException.ofFile("the demo directory " + directory, e,
                    "set HOME to a directory of this user");
        }
    }

    /**
     * Creates the directories that are missing, for this user alone. The umask may deny access even to the
     * user.
     */
    private static void createDirectories(Path directory) throws IOException {
        Path parent = directory.getParent();
        if (parent == null || Files.isDirectory(directory)) {
            return;
        }
        createDirectories(parent);
        try {
            Files.createDirectory(directory);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory)) {
                throw new NotDirectoryException(directory.toString());
            }
            return; // another run has created the directory meanwhile
        }
        Files.setPosixFilePermissions(directory, PRIVATE_DIRECTORY);
    }

    private static Path stateDirectory() {
        try {
            for (String home : new String[]{System.getenv("HOME"), System.getProperty("user.home")}) {
                if (home != null && home.startsWith("/")) {
                    return Path.of(home, ".local", "state");
                }
            }
        } catch (InvalidPathException e) {
            throw new CommandException(
                    "the name of the home directory has characters that the web server cannot read in this"
                            + " locale: set LC_ALL to C.UTF-8, or HOME to another directory");
        }
        throw new CommandException(
                "the demo needs a home directory for its state: set HOME");
    }

    Path www() {
        return directory.resolve("www");
    }

    Path log() {
        return directory.resolve("demo.log");
    }

    Path pidFile() {
        return directory.resolve("demo.pid");
    }

    /** Creates the page, and removes an old log. Returns the page. */
    String prepare() throws IOException {
        createDirectories(www());
        Path page = www().resolve("index.html");
        Files.deleteIfExists(page);
        Files.writeString(page, PAGE);
        Files.setPosixFilePermissions(page, PRIVATE_FILE);
        Files.deleteIfExists(log());
        return PAGE;
    }

    /**
     * Waits until the server has written its address to the log. Empty if the server exits before, or the
     * time is up.
     */
    Optional<String> awaitUrl(ProcessHandle daemon, Duration deadline) {
        long until = System.nanoTime() + deadline.toNanos();
        try (WatchService watcher = directory.getFileSystem().newWatchService()) {
            directory.register(watcher, StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_MODIFY);
            while (true) {
                Optional<String> url = url();
                if (url.isPresent() || !daemon.isAlive() || System.nanoTime() - until > 0) {
                    return url;
                }
                WatchKey key = watcher.poll(200, TimeUnit.MILLISECONDS); // a timeout, to check for its exit
                if (key != null) {
                    key.pollEvents();
                    key.reset();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("the demo's log " + log() + " cannot be read: "
                    + IoReason.of(e), e);
        }
    }

    /**
     * Returns the address in the server's log, {@code URL http://127.0.0.1:41234/}, once its line is
     * complete.
     */
    private Optional<String> url() throws IOException {
        if (Files.notExists(log())) {
            return Optional.empty();
        }
        String text = Files.readString(log(), StandardCharsets.ISO_8859_1);
        int start = text.indexOf("URL http://");
        int end = start < 0 ? -1 : text.indexOf('\n', start);
        return end < 0 ? Optional.empty() : Optional.of(text.substring(start + "URL ".length(), end).trim());
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
