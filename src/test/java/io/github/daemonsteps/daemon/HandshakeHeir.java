package io.github.daemonsteps.daemon;

import io.github.daemonsteps.daemon.readiness.Handshake;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A daemon that runs its own application as a child before it is ready. The child has its variable, and its
 * pipe on the same descriptor. The output of the child goes to the file {@code child}.
 */
final class HandshakeHeir {

    private static final Path DIRECTORY = Path.of(System.getProperty("directory"));

    private HandshakeHeir() {
    }

    public static void main(String[] args) {
        Daemon.named("heir").pidFile(DIRECTORY.resolve("heir.pid")).log(DIRECTORY.resolve("heir.log")).launch(
                args,
                HandshakeHeir::work);
    }

    private static void work(DaemonContext daemon) throws Exception {
        String descriptor = System.getenv(Handshake.VARIABLE).split(":")[2];
        // A JVM closes all descriptors above 2 in its children, so a shell gives the pipe its number back.
        List<String> child = new ArrayList<>(List.of("/bin/sh", "-c", "exec \"$@\" " + descriptor
                + ">&1 >" + DIRECTORY.resolve("child") + " 2>&1", "sh"));
        child.add(ProcessHandle.current().info().command().orElseThrow());
        child.addAll(List.of("-Ddirectory=" + DIRECTORY, "-cp", System.getProperty("java.class.path"),
                "--enable-native-access=ALL-UNNAMED", HandshakeHeir.class.getName()));
        child.addAll(daemon.args());
        int status = new ProcessBuilder(child).redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(Path.of("/proc/self/fd", descriptor).toFile())
                .redirectError(Redirect.INHERIT).start().waitFor();
        Files.writeString(DIRECTORY.resolve("status"), status + "\n");
        daemon.ready("from the daemon itself");
    }
}
