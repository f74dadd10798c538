package io.github.daemonsteps.testing;

import io.github.daemonsteps.daemon.Daemon;
import io.github.daemonsteps.daemon.KilledLauncher;
import io.github.daemonsteps.daemon.Readiness;
import io.github.daemonsteps.daemon.StartResult;
import io.github.daemonsteps.daemon.StopResult;
import io.github.daemonsteps.process.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Runs what most child JVMs of the tests run, so that the AOT cache contains those classes: a start, a status, a reload and a
 * stop, a start with faults, and an application in the foreground. {@code AotTraining DIRECTORY}
 */
final class AotTraining {

    private AotTraining() {
    }

    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        Daemon daemon =
                Daemon.named("training").pidFile(directory.resolve("d.pid")).log(directory.resolve("d.log"));
        StartResult started =
                daemon.start(Program.of("/bin/sleep", "300"), new Readiness.AliveAfter(Duration.ofMillis(1)));
        System.out.println(started.message() + daemon.status().message() + daemon.status().json()
                + daemon.reload().message());
        StopResult stopped = daemon.stop();
        System.out.println(stopped.message());
        if (!(started instanceof StartResult.Started) || !(stopped instanceof StopResult.Stopped)) {
            System.exit(1);
        }
        Path faults = Files.createDirectory(directory.resolve("faults"));
        KilledLauncher.main(new String[]{"NEWLINE", faults.toString(), "", "100000"}); // a boundary that is not reached
        Daemon.named("d").pidFile(faults.resolve("d.pid")).stop();
        daemon.launch(new String[]{"run"}, context -> {
            context.onStop(() -> System.out.println("stopped"));
            context.ready("ready");
            System.exit(0);
        });
    }
}
