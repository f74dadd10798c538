import io.github.daemonsteps.daemon.Daemon;
import java.nio.file.Path;

/**
 * Does the same as {@link ReadyProgram}, as an application of this library.
 *
 * <pre>java -Dbench.directory=DIRECTORY ReadyApplication start FILE</pre>
 */
public class ReadyApplication {

    public static void main(String[] args) {
        Path directory = Path.of(System.getProperty("bench.directory"));
        Path log = directory.resolve("api.log");
        Daemon.named("bench").pidFile(directory.resolve("api.pid")).log(log)
                .launcherOptions("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:CompileThresholdScaling=30")
                .launch(args, daemon -> {
                    ReadyProgram.writeLine(daemon.args().getFirst());
                    daemon.ready();
                    ReadyProgram.stay();
                });
    }
}
