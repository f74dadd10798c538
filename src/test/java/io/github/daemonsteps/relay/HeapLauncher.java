package io.github.daemonsteps.relay;

import io.github.daemonsteps.posix.CallInterceptor;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.testing.ChildJvm;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A launcher for {@link HeapExclusionIT}: {@code HeapLauncher SUBCOMMAND}. Its heap contains {@link
 * #needle}, which no other memory contains.
 */
final class HeapLauncher {

    private static final int NEEDLE_LENGTH = 64;
    private static final int FORKS = 50;

    private HeapLauncher() {
    }

    /** Returns bytes that exist only where this method has been called. */
    static byte[] needle() {
        byte[] needle = new byte[NEEDLE_LENGTH];
        for (int i = 0; i < NEEDLE_LENGTH; i++) {
            needle[i] = (byte) (i * 37 + 11);
        }
        return needle;
    }

    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "needle" -> {
                byte[] needle = needle();
                System.gc(); // the needle is in the heap that survives, too
                try (ForkedProcess process = ForkedProcess.fork()) {
                    System.out.println(process.pid());
                    System.in.read();
                }
                System.out.println(needle.length);
            }
            case "failing" -> {
                try (ForkedProcess process = ForkedProcess.fork(ForkedProcess.DEADLINE, _ -> {
                }, new FailingFork())) {
                    System.out.println("forked " + process.pid());
                } catch (PosixException e) {
                    System.out.println(e.errno().name());
                }
                System.in.read();
            }
            case "beside programs" -> forkBesidePrograms();
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private static final class FailingFork implements CallInterceptor {
        @Override
        public Effect effect(Call call) {
            return call.function().equals("fork") ? new Effect.Fails(Errno.EAGAIN) : new Effect.Executed();
        }
    }

    /** Forks relays, while other threads start programs and allocate. Prints the number of each. */
    private static void forkBesidePrograms() throws Exception {
        var done = new AtomicBoolean();
        List<Integer> statuses = new ArrayList<>();
        Thread programs = Thread.ofPlatform().start(() -> {
            while (!done.get()) {
                statuses.add(run("/bin/true"));
            }
        });
        Thread allocation = Thread.ofPlatform().start(() -> {
            List<byte[]> kept = new ArrayList<>();
            while (!done.get()) {
                kept.add(new byte[1 << 16]);
                if (kept.size() == 500) {
                    kept.clear();
                }
            }
        });
        int answers = 0;
        for (int i = 0; i < FORKS; i++) {
            try (ForkedProcess process = ForkedProcess.fork()) {
                answers += process.getpid() == process.pid() ? 1 : 0;
            }
        }
        done.set(true);
        programs.join();
        allocation.join();
        System.out.println(answers + " of " + FORKS + " answer");
        System.out.println(statuses.stream().filter(status -> status != 0).count() + " programs failed");
        System.out.println(statuses.isEmpty() ? "no program ran" : "programs ran");
    }

    private static int run(String program) {
        try {
            Process process = new ProcessBuilder(program).start();
            if (!process.waitFor(ChildJvm.DEADLINE)) {
                process.destroyForcibly();
                return -1;
            }
            return process.exitValue();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
