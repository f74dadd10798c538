package io.github.daemonsteps.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.testing.Checkout;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.HttpAnswer;
import io.github.daemonsteps.testing.Json;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command as a user runs it, by the script at the root of the repository. */
@Daemons
class CommandIT {

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
    }

    private CommandResult command(String... arguments) throws Exception {
        return runner.command(arguments);
    }

    @Test
    void trace_shows_the_seven_steps_in_a_hundred_columns_and_leaves_nothing() throws Exception {
        CommandResult trace = command("trace");
        assertThat(trace.status()).isZero();
        assertThat(trace.err()).isEmpty();
        assertThat(trace.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100))
                .noneMatch(line -> line.contains("\u001b"));
        assertThat(trace.lines().stream().filter(line -> !line.isEmpty() && Character.isDigit(line.charAt(0)))
                .map(line -> line.split(" ")[1]))
                .containsExactly("FORK", "SETSID", "FORK_AGAIN", "CHDIR", "UMASK", "CLOSE", "REOPEN");
        assertThat(trace.out()).contains("setsid() = ", "chdir(\"/\") = 0", "Session ", "> Group ",
                "> Process ");
    }

    @Test
    void trace_as_json_has_the_kernels_report_of_each_step() throws Exception {
        CommandResult trace = command("trace", "--json");
        assertThat(trace.status()).isZero();
        assertThat(trace.err()).isEmpty();
        List<Map<String, Object>> steps = Json.objects(trace.out());
        assertThat(steps).extracting(step -> step.get("step")).containsExactly("FORK", "SETSID", "FORK_AGAIN",
                "CHDIR", "UMASK", "CLOSE",
                "REOPEN");
        assertThat(steps).extracting(step -> step.get("outcome")).containsOnly("DONE");
        assertThat(steps).allSatisfy(step -> {
            assertThat(Json.member(step, "before")).containsOnlyKeys("pid", "ppid", "pgid", "sid",
                    "tty", "cwd", "umask", "fds", "uid",
                    "gid").extractingByKeys("pid", "ppid", "pgid", "sid", "uid", "gid")
                    .hasOnlyElementsOfType(Long.class);
            assertThat((List<?>) step.get("calls")).isNotEmpty();
        });
        Map<String, Object> forked = Json.member(steps.get(0), "after");
        assertThat(forked.get("ppid")).isEqualTo(Json.member(steps.get(0), "before").get("pid"));
        Map<String, Object> leader = Json.member(steps.get(1), "after");
        assertThat(leader.get("sid")).isEqualTo(leader.get("pgid")).isEqualTo(leader.get("pid"));
        assertThat(leader.get("tty")).isNull();
        Map<String, Object> member = Json.member(steps.get(2), "after");
        assertThat(member.get("sid")).isEqualTo(leader.get("sid")).isNotEqualTo(member.get("pid"));
        assertThat(Json.member(steps.get(3), "after")).containsEntry("cwd", "/");
        assertThat(Json.member(steps.get(4), "after")).containsEntry("umask", "0000");
        Map<String, Object> closed = Json.member(Json.member(steps.get(5), "after"), "fds");
        assertThat(closed).hasSize(1);
        assertThat(closed.values().iterator().next().toString()).startsWith("socket:");
        Map<String, Object> reopened =
                new TreeMap<>(Json.member(Json.member(steps.get(6), "after"), "fds"));
        assertThat(reopened).containsEntry("0", "/dev/null").containsEntry("1", "/dev/null")
                .containsEntry("2", "/dev/null").hasSize(4);
    }

    @Test
    void trace_accepts_directory_mask_and_log() throws Exception {
        CommandResult trace =
                command("trace", "--json", "--chdir", "/tmp", "--umask", "027", "--log", "my.log");
        assertThat(trace.status()).isZero();
        Map<String, Object> last = Json.member(Json.objects(trace.out()).getLast(), "after");
        assertThat(last).containsEntry("cwd", "/tmp").containsEntry("umask", "0027");
        Path log = directory.resolve("my.log");
        assertThat(Json.member(last, "fds")).containsEntry("0", "/dev/null")
                .containsEntry("1", log.toString())
                .containsEntry("2", log.toString());
        assertThat(log).isEmptyFile();
        Files.writeString(log, "kept\n");
        assertThat(command("trace", "--log", "my.log").status()).isZero();
        assertThat(log).hasContent("kept\n");
    }

    @Test
    void step_that_fails_is_named_with_its_call_and_errno() throws Exception {
        CommandResult trace = command("trace", "--chdir", "/nope");
        assertThat(trace.status()).isEqualTo(1);
        assertThat(trace.err())
                .isEqualTo("daemon-steps: CHDIR: chdir(\"/nope\"): No such file or directory (ENOENT, 2)\n");
        CommandResult json = command("trace", "--json", "--chdir", "/nope");
        assertThat(json.status()).isEqualTo(1);
        assertThat(Json.objects(json.out())).extracting(step -> step.get("outcome"))
                .containsExactly("DONE", "DONE", "DONE", "FAILED");
    }

    @Test
    void plan_lists_the_steps_without_effect() throws Exception {
        CommandResult plan = command("plan", "--log", "plan.log");
        assertThat(plan.status()).isZero();
        assertThat(plan.out()).contains("1 FORK", "7 REOPEN", "chdir(\"/\")", "umask(0000)");
        assertThat(directory.resolve("plan.log")).doesNotExist();
        assertThat(Json.objects(command("plan", "--json").out())).extracting(step -> step.get("step"))
                .hasSize(7);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nope", "trace --nope", "trace --umask 8", "trace --chdir", "trace --log=",
        "demo --json", "plan x", "start", "start --ready soon -- true",
        "start --ready fd:2 -- true", "start --env x -- true", "start --keep-fd 0 -- true",
        "start --name a/b -- true", "start --timeout 5 -- true", "stop", "status --name=", "reload",
        "stop --name x -- y", "stop --name x --signal NOPE", "reload --name x --signal KILL",
        "reload --name x --signal=", "stop --name x --kill-mode all", "restart --signal 0 -- true", "run",
        "nohup"})
    void usage_error_is_one_line_on_standard_error_and_status_2(String line) throws Exception {
        CommandResult result = command(line.isEmpty() ? new String[0] : line.split(" "));
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err().lines()).hasSize(1)
                .allSatisfy(error -> assertThat(error).startsWith("daemon-steps: ").contains("--help"));
    }

    @Test
    void help_and_version_are_results() throws Exception {
        assertThat(command("--version").out()).matches("daemon-steps \\d+\\.\\d+\\.\\d+.*\n");
        assertThat(command("--help").out()).contains("Usage: ", "demo", "trace", "plan");
        assertThat(command("-h")).isEqualTo(command("--help"));
        assertThat(command("-h", "--help")).isEqualTo(command("--help"));
        assertThat(command("help")).isEqualTo(command("--help"));
        assertThat(command("start", "-h")).isEqualTo(command("start", "--help"));
        assertThat(command("help", "start")).isEqualTo(command("start", "--help"));
        for (Subcommand subcommand : Subcommand.values()) {
            CommandResult help = command(subcommand.spelling(), "--help");
            assertThat(help.status()).isZero();
            assertThat(subcommand.options())
                    .allSatisfy(option -> assertThat(help.out()).contains(option.usage(), option.help()));
            assertThat(help.out().lines()).allSatisfy(text -> assertThat(text).hasSizeLessThanOrEqualTo(100));
        }
    }

    @Test
    void demo_is_a_daemon_that_answers_until_the_stop() throws Exception {
        CommandResult demo = command("demo");
        try {
            assertThat(demo.err()).isEmpty();
            assertThat(demo.status()).isZero();
            Map<String, String> facts = lastFour(demo);
            int pid = Integer.parseInt(facts.get("pid"));
            var ps = demo.lines().stream().filter(line -> line.trim().startsWith(pid + " ")).findFirst()
                    .orElseThrow().trim().split(" +");
            assertThat(ps[0]).as("pid").isNotEqualTo(ps[3]);
            assertThat(ps[2]).as("pgid is sid").isEqualTo(ps[3]);
            assertThat(ps[4]).as("tty").isEqualTo("?");
            assertThat(Path.of("/proc/" + pid + "/cwd").toRealPath()).isEqualTo(Path.of("/"));
            assertThat(HttpAnswer.get(facts.get("url")).body()).contains("It works");
            assertThat(Path.of(facts.get("log"))).isRegularFile().as("as the files of other daemons")
                    .startsWith(directory.resolve(".local/state"));
            assertThat(facts.get("stop")).endsWith("daemon-steps demo --stop");

            CommandResult second = command("demo");
            assertThat(second.status()).isZero();
            assertThat(second.lines().getFirst()).isEqualTo("The demo runs already.");
            assertThat(lastFour(second)).isEqualTo(facts);

            assertThat(command("demo", "--stop").out()).isEqualTo("stopped: " + pid + "\n");
            assertThat(Processes.hasEnded(pid)).isTrue();
        } finally {
            CommandResult again = command("demo", "--stop");
            assertThat(again.status()).isZero();
            assertThat(again.out()).isEqualTo("The demo is not running.\n");
        }
    }

    @Test
    void concurrent_demos_start_one_daemon() throws Exception {
        List<Thread> threads = new ArrayList<>();
        List<Integer> statuses = java.util.Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < 3; i++) {
            threads.add(Thread.ofPlatform().start(() -> statuses.add(demo())));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        try {
            assertThat(statuses).containsExactly(0, 0, 0);
            assertThat(runner.processes()).hasSize(1);
        } finally {
            command("demo", "--stop");
        }
    }

    private int demo() {
        try {
            return command("demo").status();
        } catch (Exception failed) {
            throw new AssertionError(failed);
        }
    }

    private static List<String> stepsOf(CommandResult run) {
        return Pattern.compile("\"step\": ?\"([A-Z_]+)\"").matcher(run.out()).results()
                .map(step -> step.group(1)).toList();
    }

    @Test
    void trace_of_a_start_has_the_seven_steps_and_those_of_the_life_cycle() throws Exception {
        String[] start = {"--json", "--name", "d", "--pid-file", "d.pid", "--log", "d.log", "--ready", "fd:3",
            "--", "sleep", "300"};
        CommandResult trace =
                command(Stream.concat(Stream.of("trace"), Stream.of(start)).toArray(String[]::new));
        assertThat(trace.status()).as("%s", trace).isZero();
        assertThat(stepsOf(trace)).containsExactly("FORK", "SETSID", "SIGCHLD", "FORK_AGAIN", "NOTIFY_FD",
                "PID_FILE", "CHDIR", "UMASK", "CLOSE", "REOPEN", "LOGS");
        assertThat(stepsOf(trace)).containsSubsequence(stepsOf(command("trace", "--json")));
        CommandResult plan =
                command(Stream.concat(Stream.of("plan"), Stream.of(start)).toArray(String[]::new));
        assertThat(stepsOf(plan)).isEqualTo(stepsOf(trace));
        assertThat(trace.out()).contains("flock(", "open(\\\"" + directory.resolve("d.pid"));
        assertThat(directory.resolve("d.pid")).doesNotExist();
        assertThat(runner.processes()).isEmpty();
    }

    @Test
    void trace_of_a_start_that_would_fail_reports_the_failure() throws Exception {
        CommandResult trace =
                command("trace", "--name", "d", "--pid-file", "d.pid", "--log", "d.log", "--chdir",
                        "/nope", "--", "sleep", "300");
        assertThat(trace.status()).isEqualTo(1);
        assertThat(trace.err()).startsWith("daemon-steps: d: not started: CHDIR: chdir(\"/nope\"): ");
        assertThat(trace.out()).contains("- PID_FILE ", "4 CHDIR ", "failed: chdir(\"/nope\"): ")
                .doesNotContain("5 UMASK");
        assertThat(directory.resolve("d.pid")).doesNotExist();
    }

    @Test
    void demo_whose_launcher_is_killed_can_still_be_stopped() throws Exception {
        try (var launcher = ChildJvm.start(runner.builder(List.of(CommandRunner.COMMAND, "demo")))) {
            while (!launcher.line().startsWith("- EXEC")) {
                // the steps before
            }
            launcher.kill();
        }
        assertThat(command("demo", "--stop").out()).startsWith("stopped: ");
    }

    @Test
    void name_with_terminal_controls_is_escaped() throws Exception {
        Path odd = Files.createDirectory(directory.resolve("a\u001bx\nEVIL"));
        CommandResult trace =
                runner.shell("cd \"$2\" && exec \"$1\" trace",
                        List.of(CommandRunner.COMMAND, odd.toString()));
        assertThat(trace.status()).isZero();
        assertThat(trace.out()).contains("a\\x1bx\\x0aEVIL").doesNotContain("\u001b");
    }

    @Test
    void lost_output_is_a_failure() throws Exception {
        CommandResult full = runner.shell("exec \"$1\" plan >/dev/full", List.of(CommandRunner.COMMAND));
        assertThat(full.status()).isEqualTo(1);
        assertThat(full.err()).isEqualTo("daemon-steps: cannot write to standard output\n");
    }

    @Test
    void demo_without_state_directory_gives_advice() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");
        CommandResult demo = runner.with("HOME", file.toString()).command("demo");
        assertThat(demo.status()).isEqualTo(1);
        assertThat(demo.out()).isEmpty();
        assertThat(demo.err()).contains("the demo directory " + file, "cannot be used: ",
                "it is not a directory", "; set HOME to a directory").doesNotContain("Exception")
                .hasLineCount(1);
    }

    @Test
    void demo_in_directory_without_name_in_the_locale_gives_advice() throws Exception {
        CommandResult demo = runner.with("LC_ALL", "C").shell(
                "HOME=$(printf '/tmp/\\303\\244') exec \"$1\" demo",
                List.of(CommandRunner.COMMAND));
        assertThat(demo.status()).isEqualTo(1);
        assertThat(demo.out()).isEmpty();
        assertThat(demo.err().lines()).hasSize(1)
                .allSatisfy(line -> assertThat(line).contains("LC_ALL", "HOME"));
    }

    @Test
    void script_without_a_suitable_jdk_names_the_places() throws Exception {
        Path script = Checkout.built(directory).withJvmsIn(directory + "/jvm").script();
        Path old = Files.createDirectories(directory.resolve("old/bin"));
        Files.copy(Path.of("/bin/true"), old.resolve("java"));
        Files.writeString(old.resolveSibling("release"), "JAVA_VERSION=\"24.0.2\"\n");
        CommandResult result =
                runner.with("JAVA_HOME", old.getParent().toString())
                        .with("PATH", old + ":" + Checkout.systemWithoutJava(directory))
                        .run(List.of("/bin/sh", script.toString(), "trace"));
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err().lines()).hasSize(1)
                .allSatisfy(line -> assertThat(line).startsWith("daemon-steps: no JDK 25 or later")
                        .contains(old.getParent().toString(), directory + "/jvm"));
    }

    private static Map<String, String> lastFour(CommandResult demo) {
        Map<String, String> facts = new TreeMap<>();
        List<String> lines = demo.lines();
        for (String line : lines.subList(lines.size() - 4, lines.size())) {
            int colon = line.indexOf(": ");
            facts.put(line.substring(0, colon), line.substring(colon + 2));
        }
        assertThat(facts).containsOnlyKeys("url", "pid", "log", "stop");
        return facts;
    }
}
