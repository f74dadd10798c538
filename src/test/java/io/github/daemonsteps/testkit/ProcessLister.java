package io.github.daemonsteps.testkit;

import java.nio.file.Path;
import java.util.Set;

/** Prints {@code ready}, and for each line on its standard input the number of processes that it has started since. */
final class ProcessLister {

    private ProcessLister() {
    }

    public static void main(String[] args) throws Exception {
        var started = StartedProcesses.from("NONE=none", Path.of("/nonexistent"));
        System.out.println("ready");
        while (System.in.read() == '\n') {
            System.out.println(started.running(Set.of()).size());
        }
    }
}
