package io.github.daemonsteps.cli;

import io.github.daemonsteps.daemon.Daemon;
import io.github.daemonsteps.daemon.ExitStatus;
import io.github.daemonsteps.daemon.Readiness;
import io.github.daemonsteps.daemon.StartResult;
import io.github.daemonsteps.daemon.Status;
import io.github.daemonsteps.daemon.StopResult;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.text.IoReason;
import io.github.daemonsteps.text.TerminalSafe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The subcommand {@code demo}: the JDK's own web server becomes a daemon, and stays one until
 * {@code demo --stop}.
 */
final class DemoCommand {

    private static final Duration START_DEADLINE = Duration.ofSeconds(60);

    /** A time of no importance, since the server reports in its log when it is ready. */
    private static final Readiness ALIVE = new Readiness.AliveAfter(Duration.ofMillis(1));

    private final DemoDirectory directory;
    private final Daemon daemon;
    private final String command;

    private DemoCommand(DemoDirectory directory, String command) {
        this.directory = directory;
        Daemon unobserved = Daemon.named("demo").pidFile(directory.pidFile()).log(directory.log());
        this.daemon =
                unobserved.onStep(new StepPrinter(System.out, unobserved.plan(ALIVE))::show);
        this.command = command;
    }

    static int run(Arguments arguments, String command) throws IOException {
        try (DemoDirectory directory = DemoDirectory.open()) {
            var demo = new DemoCommand(directory, command);
            return arguments.has(Option.STOP) ? demo.stop() : demo.start();
        }
    }

    private int start() throws IOException {
        if (daemon.status().state() instanceof Status.State.Running running) {
            String url = awaitUrl(running.pid());
            System.out.println("The demo runs already.");
            print(running.pid(), url);
            return 0;
        }
        Path server = Path.of(System.getProperty("java.home"), "bin", "jwebserver");
        if (!Files.isExecutable(server)) {
            throw new CommandException(
                    "the demo daemonizes the web server of the JDK, which is missing: " + server
                            + ": use a JDK that has one");
        }
        String page = directory.prepare();
        StartResult result = daemon.start(server(server), ALIVE);
        if (!(result instanceof StartResult.Started started)) {
            return Main.failed(ExitStatus.of(result), result.message());
        }
        started.warnings().forEach(Main::warn);
        String url;
        try {
            url = awaitUrl(started.pid());
            check(url, page);
        } catch (CommandException | UncheckedIOException e) {
            daemon.stop();
            throw e;
        }
        showProcess(started.pid());
        print(started.pid(), url);
        return 0;
    }

    private Program server(Path server) {
        Program program = Program.of(server.toString(), "-b", "127.0.0.1", "-p", "0", "-d",
                directory.www().toString());
        return new Program(program.path(), program.arguments(), CallerEnvironment.get().variables());
    }

    private String awaitUrl(int pid) {
        return ProcessHandle.of(pid)
                .flatMap(process -> directory.awaitUrl(process, START_DEADLINE))
                .orElseThrow(() -> new CommandException("the web server, process " + pid
                        + ", did not start; its log is " + directory.log()));
    }

    /** Checks that the server replies with the page. */
    private static void check(String url, String page) {
        try {
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
        } catch (IOException e) {
            throw new CommandException(url + " does not answer: " + IoReason.of(e));
        }
    }

    /** Shows the process in the format of ps(1), which a machine may lack. */
    private static void showProcess(int pid) {
        ProcessState state = ProcessState.of(pid);
        String arguments = Environment.strings(Path.of("/proc", Integer.toString(pid), "cmdline")).stream()
                .map(argument -> TerminalSafe.of(argument.toString())).collect(Collectors.joining(" "));
        System.out.printf(Locale.ROOT, "%7s %7s %7s %7s %-8s %s%n", "PID", "PPID", "PGID", "SID", "TTY",
                "COMMAND");
        System.out.printf(Locale.ROOT, "%7d %7d %7d %7d %-8s %s%n%n", state.pid(), state.ppid(), state.pgid(),
                state.sid(), state.tty() == null ? "?" : state.tty(), arguments);
    }

    private void print(long pid, String url) {
        System.out.println("url: " + url);
        System.out.println("pid: " + pid);
        System.out.println("log: " + TerminalSafe.of(directory.log().toString()));
        System.out.println("stop: " + shellWord(command) + " demo --stop");
    }

    /** Quotes a text as one word for sh(1). */
    static String shellWord(String text) {
        return text.matches("[A-Za-z0-9_./+-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }

    private int stop() {
        StopResult result = daemon.stop();
        return switch (result) {
            case StopResult.NotRunning _ -> {
                System.out.println("The demo is not running.");
                yield 0;
            }
            case StopResult.Stopped stopped -> {
                System.out.println("stopped: " + stopped.pid());
                yield 0;
            }
            case StopResult.Failed failed -> Main.failed(ExitStatus.of(failed), failed.message());
        };
    }
}
