package io.github.daemonsteps.steps.extra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CallInterceptor;
import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.process.UserIdentity;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The socket file that root gives to the daemon's user, while that user replaces the file. */
@Daemons
class SocketFileOwnerIT {

    private static final String USER = "65534:65534";

    /** Puts a name of another file in the place of the file until it is open. */
    private record Replacing(Path file, Path other) implements CallInterceptor {

        @Override
        public void before(List<Call> request) {
            if (isOpening(request)) {
                try {
                    Files.delete(file);
                    Files.createLink(file, other);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }

        @Override
        public void after(List<Call> request, List<PosixCall> completed) {
            if (isOpening(request)) {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }

        private boolean isOpening(List<Call> request) {
            return request.getFirst().function().equals("open")
                    && request.getFirst().text().contains(file.toString());
        }
    }

    @Test
    void socket_of_root_with_a_name_that_is_removed_is_not_given_away(Launcher launcher,
            TestDirectory directory) throws Exception {
        assumeTrue(NativePosix.get().getuid() == 0, "only root gives files away");
        Path file = directory.file("app.sock");
        Path other = directory.file("root.sock");
        try (var socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(other));
            String mode = Integer.toOctalString((int) Files.getAttribute(other, "unix:mode") & 0777);
            var listen = new Listen(List.of(ListenSocket.parse(file + ",mode=0" + mode)), Listen.FIRST,
                    Listen.NONE, UserIdentity.of(USER), new BoundSockets());
            DaemonRun run = launcher
                    .start(DaemonSteps.classic().add(listen).interceptCalls(new Replacing(file, other)));
            assertThat(run.runUntil(StepName.LISTEN).outcome()).isInstanceOf(StepOutcome.Failed.class);
            assertThat(Files.getAttribute(other, "unix:uid")).isEqualTo(0);
        }
        Files.delete(other);
    }
}
