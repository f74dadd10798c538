package io.github.daemonsteps.daemon;

import io.github.daemonsteps.daemon.HostileDirectory.Starter;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.OrdinaryUser;
import io.github.daemonsteps.testing.Sandbox;
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

    private final OrdinaryUser ordinary;
    private final Sandbox sandbox;
    private final Map<Starter, ChildJvm> jvms = new EnumMap<>(Starter.class);

    /** All users may enter the directory from now on. */
    Starters(Path directory) throws IOException {
        ordinary = new OrdinaryUser(directory);
        sandbox = new Sandbox(directory);
    }

    /** Returns the ordinary user. */
    OrdinaryUser ordinary() {
        return ordinary;
    }

    /** Returns the command that runs {@code main} as this starter. */
    List<String> command(Starter starter, Class<?> main, String... arguments) {
        return starter == Starter.ORDINARY_USER
                ? ordinary.command(List.of(), main, arguments)
                : ChildJvm.command(List.of(), main, arguments);
    }

    /** Lets a starter run each of these subcommands, and returns what {@link SubcommandRunner} prints for each. */
    List<String> ask(Starter starter, Path pidFile, Path log, List<String> subcommands)
            throws IOException, InterruptedException {
        ChildJvm jvm = jvms.get(starter);
        if (jvm == null) {
            jvm = ChildJvm.start(sandbox.builder(command(starter, SubcommandRunner.class)));
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
        for (int pid : sandbox.left()) {
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
        sandbox.close();
    }
}
