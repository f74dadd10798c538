package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Command;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.HttpAnswer;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Spring Boot application in {@code src/it/spring}, as a daemon. The build copies its jars to {@code target/spring}. */
@Daemons
class SpringBootIT {

    private static final String CLASS_PATH = ChildJvm.baseDirectory().resolve("target/spring") + "/*:"
            + System.getProperty("daemonsteps.jar");
    private static final Pattern STARTED =
            Pattern.compile("greeter: started, pid (\\d+): listening on (http://127\\.0\\.0\\.1:(\\d+)/)\n");

    @TempDir
    private static Path classes;

    private Path directory;
    private CommandRunner runner;

    @BeforeAll
    static void application_is_compiled() throws Exception {
        Command javac = Command.run(ChildJvm.java().resolveSibling("javac").toString(), "--release", "25",
                "-cp",
                CLASS_PATH, "-d", classes.toString(),
                ChildJvm.baseDirectory().resolve("src/it/spring/greeter/GreeterApplication.java").toString());
        assertThat(javac.status()).as(javac.output()).isZero();
    }

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
    }

    private CommandResult application(List<String> options, String... arguments) throws Exception {
        List<String> words = new ArrayList<>(List.of(ChildJvm.java().toString(), "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-Dgreeter.files=" + directory));
        words.addAll(options);
        words.addAll(List.of("-cp", CLASS_PATH + ":" + classes, "greeter.GreeterApplication"));
        words.addAll(List.of(arguments));
        return runner.run(words);
    }

    private CommandResult start(String... options) throws Exception {
        return application(List.of(options), "start", "--server.address=127.0.0.1", "--server.port=0");
    }

    private String log() throws IOException {
        return Files.readString(directory.resolve("greeter.log"));
    }

    private static String get(String url) throws IOException {
        HttpAnswer answer = HttpAnswer.get(url);
        assertThat(answer.status()).isEqualTo(200);
        return answer.body();
    }

    private static boolean isRefused(int port) throws IOException {
        try (var _ = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
            return false;
        } catch (ConnectException _) {
            return true;
        }
    }

    private static <T> FutureTask<T> inBackground(Callable<T> task) {
        var future = new FutureTask<>(task);
        Thread.ofVirtual().start(future);
        return future;
    }

    @Test
    void application_answers_logs_its_own_name_and_finishes_a_request_before_it_stops() throws Exception {
        CommandResult start = start();
        Matcher started = STARTED.matcher(start.out());
        assertThat(started.matches()).as("%s%s", start, log()).isTrue();
        int pid = Integer.parseInt(started.group(1));
        assertThat(log()).contains("Starting GreeterApplication using Java ",
                "Started GreeterApplication in ");
        assertThat(get(started.group(2))).isEqualTo("hello\n");

        Path go = directory.resolve("go");
        assertThat(runner.run(List.of("mkfifo", go.toString())).status()).isZero();
        FutureTask<String> slow = inBackground(() -> get(started.group(2) + "slow"));
        Await.until(() -> Files.exists(directory.resolve("begun")));
        FutureTask<CommandResult> stop = inBackground(() -> application(List.of(), "stop"));
        Await.until(() -> isRefused(Integer.parseInt(started.group(3))));
        assertThat(Processes.hasEnded(pid)).as("a request is not answered yet").isFalse();
        Files.writeString(go, "");
        assertThat(slow.get(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isEqualTo("hello\n");
        assertThat(stop.get(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS))
                .isEqualTo(new CommandResult(0, "greeter: stopped, pid " + pid + "\n", ""));
    }

    @Test
    void ahead_of_time_mode_looks_for_the_initializer_of_the_application() throws Exception {
        CommandResult start = start("-Dspring.aot.enabled=true");
        assertThat(start.status()).as("none was generated").isEqualTo(1);
        assertThat(log()).contains("greeter.GreeterApplication__ApplicationContextInitializer");
    }
}
