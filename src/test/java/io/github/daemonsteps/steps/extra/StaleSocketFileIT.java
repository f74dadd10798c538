package io.github.daemonsteps.steps.extra;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CallInterceptor;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Starts that find the file of a socket on which no process listens, at the same moment. */
@Daemons
class StaleSocketFileIT {

    private Path file;

    @BeforeEach
    void leaveFile(TestDirectory directory) throws IOException {
        file = directory.file("app.sock");
        try (var socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(file));
        }
        assertThat(file).exists();
    }

    private DaemonSteps listening(BoundSockets bound) {
        return DaemonSteps.classic().add(new Listen(List.of(ListenSocket.parse(file.toString())),
                Listen.FIRST, Listen.NONE, null, bound));
    }

    private DaemonSteps listening(CallInterceptor interceptor) {
        return listening(new BoundSockets()).interceptCalls(interceptor);
    }

    private static StepOutcome listen(DaemonRun run) {
        return run.runUntil(StepName.LISTEN).outcome();
    }

    /** Signals a call of a function, and then waits. */
    private record Meeting(String function, CountDownLatch reached, CountDownLatch goesOn)
            implements CallInterceptor {

        @Override
        public Effect effect(Call call) {
            if (call.function().equals(function)) {
                reached.countDown();
                try {
                    // Without a lock the other one gets as far, and its socket is lost after this time.
                    goesOn.await(ChildJvm.DEADLINE.toSeconds() / 4, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return new Effect.Executed();
        }
    }

    @Test
    void two_starts_do_not_both_replace_the_file(Launcher launcher) throws Exception {
        var firstRemoves = new CountDownLatch(1);
        var secondWaits = new CountDownLatch(1);
        DaemonRun one = launcher.start(listening(new Meeting("unlink", firstRemoves, secondWaits)));
        DaemonRun other =
                launcher.start(listening(new Meeting("flock", secondWaits, new CountDownLatch(0))));
        try (var threads = Executors.newFixedThreadPool(2)) {
            Future<StepOutcome> first = threads.submit(() -> listen(one));
            firstRemoves.await();
            Future<StepOutcome> second = threads.submit(() -> listen(other));
            assertThat(first.get()).isInstanceOf(StepOutcome.Done.class);
            assertThat(second.get()).isInstanceOfSatisfying(StepOutcome.Failed.class,
                    failed -> assertThat(failed.text()).contains("Address already in use",
                            "listens on " + file));
        }
    }

    @Test
    void end_of_a_failed_start_does_not_remove_the_file_of_the_next_one(Launcher launcher) throws Exception {
        var removes = new CountDownLatch(1);
        var nextWaits = new CountDownLatch(1);
        var failed = new BoundSockets();
        DaemonRun one = launcher.start(listening(failed));
        assertThat(listen(one)).isInstanceOf(StepOutcome.Done.class);
        one.close();
        DaemonRun next = launcher.start(listening(new Meeting("flock", nextWaits, new CountDownLatch(0))));
        NativePosix slow = NativePosix.intercepted(new Meeting("unlink", removes, nextWaits));
        try (var threads = Executors.newFixedThreadPool(2)) {
            Future<?> removal = threads.submit(() -> failed.removeFiles(slow));
            removes.await();
            Future<StepOutcome> listening = threads.submit(() -> listen(next));
            removal.get();
            assertThat(listening.get()).isInstanceOf(StepOutcome.Done.class);
        }
        assertThat(file).exists();
    }

    /** Such a socket is being closed: no process has it open, and the kernel still lists it. */
    @Test
    void end_of_a_socket_without_a_process_is_awaited(Launcher launcher) throws Exception {
        Files.delete(file);
        Process holder = launcher.builder(Tool.need("python3"), "-c", """
                import socket, sys
                listening = socket.socket(socket.AF_UNIX)
                listening.bind(sys.argv[1])
                listening.listen()
                sender, receiver = socket.socketpair()
                socket.send_fds(sender, [b'x'], [listening.fileno()])
                listening.close()
                print('in flight', flush=True)
                sys.stdin.read()
                """, file.toString()).start();
        assertThat(holder.inputReader().readLine()).isEqualTo("in flight");
        DaemonRun run = launcher.start(listening(new CallInterceptor() {
            private int attempts;

            @Override
            public void before(List<Call> request) {
                if (request.getFirst().function().equals("flock") && ++attempts == 2) {
                    holder.destroy();
                    holder.onExit().join();
                }
            }
        }));
        assertThat(listen(run)).isInstanceOf(StepOutcome.Done.class);
        assertThat(holder.isAlive()).isFalse();
    }

    @Test
    void directory_that_somebody_has_locked_does_not_prevent_a_start(Launcher launcher) throws Exception {
        Path locked = file.resolveSibling("locked");
        Process holder = launcher.builder(Tool.need("flock"), file.getParent().toString(), "/bin/sh", "-c",
                "echo > " + locked + "; read end").start();
        Await.until(() -> Files.exists(locked));
        DaemonRun run = launcher.start(listening(new BoundSockets()));
        assertThat(listen(run)).isInstanceOf(StepOutcome.Done.class);
        holder.getOutputStream().close();
        holder.waitFor();
    }
}
