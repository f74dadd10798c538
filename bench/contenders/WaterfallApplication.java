import io.github.daemonsteps.daemon.Daemon;
import io.github.daemonsteps.daemon.DaemonApplication;
import io.github.daemonsteps.daemon.DaemonContext;
import io.github.daemonsteps.posix.CallInterceptor;
import io.github.daemonsteps.steps.StepReport;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * An application of this library that notes when each part of its start ends. The launcher and the daemon each write
 * one line to a FIFO: names, each with a time of the clock CLOCK_MONOTONIC in nanoseconds.
 *
 * <p>With {@code -Dbench.steps=false} the launcher does not observe its steps, and writes no line.
 *
 * <pre>java -Dbench.directory=DIRECTORY [-Dbench.steps=false] WaterfallApplication start FIFO</pre>
 */
public class WaterfallApplication implements DaemonApplication, Consumer<StepReport>, CallInterceptor {

    /** The marks so far. Without lambdas and without concatenation of text, which take milliseconds to link. */
    private final StringBuilder marks = new StringBuilder();

    private boolean forks;

    public static void main(String[] args) throws IOException {
        var application = new WaterfallApplication();
        application.mark("main");
        application.run(args);
    }

    private void run(String[] args) throws IOException {
        Path directory = Path.of(System.getProperty("bench.directory"));
        Daemon daemon = Daemon.named("bench").pidFile(directory.resolve("api.pid")).log(directory.resolve("api.log"));
        boolean steps = Boolean.parseBoolean(System.getProperty("bench.steps", "true"));
        int status = (steps ? daemon.onStep(this).interceptCalls(this) : daemon).run(args, this);
        if (steps) {
            write("launcher", args[1]);
        }
        System.exit(status);
    }

    /** Notes when the first fork is requested. */
    @Override
    public void before(List<Call> request) {
        if (!forks && request.getFirst().function().equals("fork")) {
            forks = true;
            mark("fork");
        }
    }

    /** Notes when a step has been taken and checked. */
    @Override
    public void accept(StepReport report) {
        mark(report.step().name());
    }

    /** Runs in the daemon. */
    @Override
    public void run(DaemonContext daemon) throws Exception {
        mark("application");
        daemon.ready();
        mark("ready");
        write("daemon", daemon.args().getFirst());
        ReadyProgram.stay();
    }

    private void mark(String name) {
        marks.append(' ').append(name).append(' ').append(System.nanoTime());
    }

    private void write(String process, String file) throws IOException {
        try (var out = new FileOutputStream(file)) {
            out.write(new StringBuilder(process).append(marks).append('\n').toString().getBytes());
        }
    }
}
