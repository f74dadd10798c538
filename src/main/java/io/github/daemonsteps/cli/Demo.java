package io.github.daemonsteps.cli;

import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.Program;
import io.github.daemonsteps.StepReport;
import io.github.daemonsteps.Target;
import io.github.daemonsteps.posix.FileMode;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The verb {@code demo}: the JDK's own web server becomes a daemon, and stays one until {@code demo --stop}.
 */
final class Demo {

    private static final Duration START_DEADLINE = Duration.ofSeconds(60);
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(10);

    private final DemoFolder folder;
    private final String command;

    private Demo(DemoFolder folder, String command) {
        this.folder = folder;
        this.command = command;
    }

    static int run(Arguments arguments, String command) throws IOException {
        try (DemoFolder folder = DemoFolder.open()) {
            var demo = new Demo(folder, command);
            return arguments.has(Option.STOP) ? demo.stop() : demo.start();
        }
    }

    private int start() throws IOException {
        Optional<DemoServer> running = folder.running();
        if (running.isPresent()) {
            int pid = running.get().pid();
            ProcessHandle daemon = ProcessHandle.of(pid).orElseThrow(() -> died(pid));
            String url = folder.awaitUrl(daemon, START_DEADLINE).orElseThrow(() -> died(pid));
            System.out.println("The demo runs already.");
            tell(pid, url);
            return 0;
        }
        if (ProcessHandle.current().pid() == 1) {
            throw new CommandException(
                    "this is process 1 of its pid namespace, and no daemon would outlive it");
        }
        Path server = Path.of(System.getProperty("java.home"), "bin", "jwebserver");
        if (!Files.isExecutable(server)) {
            throw new CommandException("the demo daemonizes the JDK's web server, and there is no " + server
                    + ": use a JDK that has one");
        }
        String page = folder.prepare();
        DaemonSteps steps =
                DaemonSteps.classic().umask(FileMode.of(027)).output(Target.log(folder.log().toString()));
        long pid;
        try (DaemonRun run = steps.begin()) {
            var view = new TraceView(System.out);
            run.forEach(view::show);
            StepReport last = run.reports().getLast();
            if (!last.failed()) {
                // Before it runs: whatever becomes of this launcher, demo --stop knows of it.
                folder.record(run.process().pid());
                last = run.execve(Program.of(server.toString(), "-b", "127.0.0.1", "-p", "0", "-d",
                        folder.www().toString()));
                view.show(last);
            }
            if (last.failed()) {
                folder.forget();
                return Main.failed(1, last.step() + ": " + last.outcome());
            }
            pid = run.process().pid();
        }
        ProcessHandle daemon = ProcessHandle.of(pid).orElseThrow(() -> died(pid));
        String url;
        try {
            url = folder.awaitUrl(daemon, START_DEADLINE).orElseThrow(() -> died(pid));
            check(url, page);
        } catch (IOException | CommandException failed) {
            end(daemon);
            folder.forget();
            throw failed;
        }
        showProcess(pid);
        tell(pid, url);
        return 0;
    }

    private CommandException died(long pid) {
        return new CommandException(
                "the web server, process " + pid + ", did not start; its log is " + folder.log());
    }

    /** The server answers, with the page. */
    private static void check(String url, String page) throws IOException {
        var connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
        connection.setConnectTimeout((int) START_DEADLINE.toMillis());
        connection.setReadTimeout((int) START_DEADLINE.toMillis());
        try (var body = connection.getInputStream()) {
            String answer = new String(body.readAllBytes(), StandardCharsets.UTF_8);
            if (!answer.equals(page)) {
                throw new CommandException(url + " answers, but not with the page of the demo");
            }
        }
        System.out.println("GET " + url + " answers " + connection.getResponseCode() + " with the page.");
    }

    /** What ps(1) says of it. A machine without ps has the same in the trace. */
    private static void showProcess(long pid) {
        List<String> ps = List.of("ps", "-o", "pid,ppid,pgid,sid,tty,args", "-p", Long.toString(pid));
        System.out.println("$ " + String.join(" ", ps));
        System.out.flush();
        try {
            Process process = new ProcessBuilder(ps).redirectError(ProcessBuilder.Redirect.INHERIT).start();
            process.getInputStream().transferTo(System.out);
        } catch (IOException missing) {
            System.err.println("daemon-steps: cannot show the process: " + missing.getMessage());
        }
        System.out.println();
    }

    private void tell(long pid, String url) {
        System.out.println("url: " + url);
        System.out.println("pid: " + pid);
        System.out.println("log: " + folder.log());
        System.out.println("stop: " + command + " demo --stop");
    }

    private int stop() throws IOException {
        Optional<DemoServer> running = folder.running();
        if (running.isEmpty()) {
            System.out.println("The demo is not running.");
            return 0;
        }
        long pid = running.get().pid();
        Optional<ProcessHandle> daemon = ProcessHandle.of(pid);
        // Asked for again with the handle in hand: it is bound to the process that has the number now.
        if (daemon.isPresent() && folder.running().isPresent()) {
            end(daemon.get());
        }
        folder.forget();
        System.out.println("stopped: " + pid);
        return 0;
    }

    /** Asks a process to end, and after a while no longer asks. */
    private static void end(ProcessHandle process) {
        process.destroy();
        if (!hasEnded(process)) {
            process.destroyForcibly();
            if (!hasEnded(process)) {
                throw new CommandException(
                        "process " + process.pid() + " does not end, though it was sent SIGKILL");
            }
        }
    }

    private static boolean hasEnded(ProcessHandle process) {
        try {
            process.onExit().get(STOP_DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException late) {
            return false;
        } catch (ExecutionException impossible) {
            throw new AssertionError("the end of a process is no failure", impossible);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted while process " + process.pid() + " was to end");
        }
    }
}
