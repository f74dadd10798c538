package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.steps.StepName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * An application with a secret in each kind of memory and descriptor. It starts itself and another program
 * as daemons, and waits for a line, once between fork and exec and once at the end.
 */
final class SecretiveLauncher {

    private static final Path DIRECTORY = Path.of(System.getProperty("directory"));

    private static final List<Object> HELD = new ArrayList<>();

    private SecretiveLauncher() {
    }

    /**
     * Arguments: {@code launch} and the file with the secret; in the daemon those of {@link Daemon#launch}.
     */
    public static void main(String[] args) throws Exception {
        if (!args[0].equals("launch")) {
            daemon("java").launch(args, daemon -> {
                new ProcessBuilder("/bin/sleep", "300").redirectInput(Path.of("/dev/null").toFile())
                        .redirectOutput(Redirect.INHERIT).redirectError(Redirect.INHERIT).start();
                daemon.ready();
            });
            return;
        }
        hold(Files.readString(Path.of(args[1])));
        System.out.println(daemon("java").onStep(report -> {
            if (report.step().equals(StepName.REOPEN)) {
                System.out.println("forked " + report.after().pid());
                awaitLine();
            }
        }).start().message());
        System.out.println(daemon("other").start(Program.of("/bin/sh", "-c", "sleep 300 & wait"),
                Readiness.aliveAfter()).message());
        awaitLine();
        System.out.println("held: " + HELD.size());
    }

    private static Daemon daemon(String name) {
        return Daemon.named(name).pidFile(DIRECTORY.resolve(name + ".pid"))
                .log(DIRECTORY.resolve(name + ".log"));
    }

    private static void hold(String secret) throws IOException {
        byte[] bytes = secret.getBytes(StandardCharsets.US_ASCII);
        HELD.add(secret);
        HELD.add(ByteBuffer.allocateDirect(bytes.length).put(bytes));
        for (Path file : List.of(Path.of("/proc/self/fd/200"),
                Files.write(DIRECTORY.resolve("own"), bytes))) {
            var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            HELD.add(channel);
            HELD.add(channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes.length).load());
        }
        var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var client = new Socket(server.getInetAddress(), server.getLocalPort());
        client.getOutputStream().write(bytes);
        HELD.addAll(List.of(server, client, server.accept()));
        // Anonymous memory that is shared with forked processes: that of another relay, with the secret in
        // a request.
        var sibling = ForkedProcess.fork();
        HELD.add(sibling);
        try {
            sibling.chdir("/nowhere/" + secret);
        } catch (PosixException notThere) {
            HELD.add(notThere);
        }
    }

    private static void awaitLine() {
        try {
            while (System.in.read() != '\n') {
                // the file is not at its end
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
