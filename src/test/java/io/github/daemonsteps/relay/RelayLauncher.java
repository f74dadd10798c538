package io.github.daemonsteps.relay;

import io.github.daemonsteps.posix.ForkedProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A launcher for {@link LauncherDeathIT}: forks processes, brings them to a state, prints their ids, and
 * waits to be killed.
 */
final class RelayLauncher {

    private RelayLauncher() {
    }

    public static void main(String[] args) throws Exception {
        int count = Integer.parseInt(args[0]);
        String state = args[1];
        List<ForkedProcess> processes = new ArrayList<>();
        try (var executor = Executors.newFixedThreadPool(Math.min(count, 16))) {
            List<Future<ForkedProcess>> made = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                made.add(executor.submit(() -> make(state)));
            }
            for (Future<ForkedProcess> each : made) {
                processes.add(each.get());
            }
        }
        for (ForkedProcess process : processes) {
            System.out.println(process.pid());
        }
        System.out.println("ready");
        System.in.read();
        if (state.equals("halt")) {
            Runtime.getRuntime().halt(0);
        }
    }

    private static ForkedProcess make(String state) {
        ForkedProcess process = ForkedProcess.fork();
        switch (state) {
            case "forked", "halt" -> {
            }
            case "session" -> process.setsid();
            case "daemon" -> {
                process.setsid();
                process.forkExitingParent();
                process.close_range(0, process.controlFd() - 1);
            }
            case "child of one that stays" -> {
                process.setsid();
                process.forkKeepingParent();
            }
            case "one that stays" -> {
                process.setsid();
                return process.forkKeepingParent();
            }
            default -> throw new IllegalArgumentException(state);
        }
        return process;
    }
}
