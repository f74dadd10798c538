package io.github.daemonsteps.daemon;

import io.github.daemonsteps.daemon.HostileDirectory.Starter;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.OrdinaryUser;
import io.github.daemonsteps.testing.ProcessTag;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * One JVM of each {@link Starter} for all tests of a class. {@link #close} ends these JVMs and their
 * daemons.
 */
final class Starters implements AutoCloseable {

    private final Path directory;
    private final OrdinaryUser ordinary;
    private final ProcessTag tag = new ProcessTag();
    private final Map<Starter, ChildJvm> jvms = new EnumMap<>(Starter.class);

    /** All users may enter the directory from now on. */
    Starters(Path directory) throws IOException {
        this.directory = directory;
        ordinary = new OrdinaryUser(directory);
    }

    /** Returns the ordinary user. */
    OrdinaryUser ordinary() {
        return ordinary;
    }

    /** Returns the command that runs {@code main} as this starter. The command has not been started. */
    ProcessBuilder builder(Starter starter, Class<?> main, String... arguments) {
        return tag.addTo(new ProcessBuilder(starter == Starter.ORDINARY_USER
                ? ordinary.command(List.of(), main, arguments)
                : ChildJvm.command(List.of(), main, arguments)).directory(directory.toFile()));
    }

    /** Lets a starter run each of these subcommands, and returns what {@link SubcommandRunner} prints for each. */
    List<String> ask(Starter starter, Path pidFile, Path log, List<String> subcommands)
            throws IOException, InterruptedException {
        ChildJvm jvm = jvms.get(starter);
        if (jvm == null) {
            jvm = ChildJvm.start(builder(starter, SubcommandRunner.class));
            jvms.put(starter, jvm);
        }
        jvm.send(SubcommandRunner.request(pidFile, log, subcommands));
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < subcommands.size(); i++) {
            lines.add(jvm.line());
        }
        return lines;
    }

    /** Kills all processes of the starters. */
    void endDaemons() throws IOException {
        List<Integer> own = jvms.values().stream().map(ChildJvm::pid).toList();
        for (int pid : tag.processes()) {
            if (!own.contains(pid)) {
                Processes.kill(pid);
            }
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        for (ChildJvm jvm : jvms.values()) {
            jvm.close();
        }
        tag.killAll();
    }
}
