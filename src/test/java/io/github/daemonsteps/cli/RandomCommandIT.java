package io.github.daemonsteps.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random command lines, executed: each ends as the manual page says, and leaves nothing. */
@Daemons
@Timeout(1800)
class RandomCommandIT {

    private static final int LINES = 120;

    private static final List<List<String>> PROGRAMS = List.of(List.of("true"), List.of("false"),
            List.of("sh", "-c", "echo last words >&2; exit 7"), List.of("no-such-program"), List.of("./nope"),
            List.of("/"), List.of("a\u001bb\nc"));

    private static final List<String> ENDLESS = List.of("sleep", "300");

    private static final Set<Subcommand> MAY_LEAVE_A_DAEMON =
            Set.of(Subcommand.START, Subcommand.RESTART, Subcommand.NOHUP);

    @ParameterizedTest
    @ValueSource(longs = 15)
    void random_command_line_ends_as_documented(long seed, Launcher launcher, TestDirectory directory)
            throws Exception {
        run(seed, LINES, launcher, directory);
    }

    @Tag("stress")
    @Test
    void thousand_random_command_lines_end_as_documented(Launcher launcher, TestDirectory directory)
            throws Exception {
        run(new Random().nextLong(), 1_000, launcher, directory);
    }

    private static void run(long seed, int lines, Launcher launcher, TestDirectory directory)
            throws Exception {
        System.out.println("RandomCommandIT: seed " + seed);
        var random = new RandomCommandLines(seed);
        Set<Integer> statuses = new TreeSet<>();
        for (int i = 0; i < lines; i++) {
            List<String> line = random.next();
            Arguments arguments = parsed(line);
            boolean isDemo =
                    arguments != null && arguments.subcommand() == Subcommand.DEMO
                            && !arguments.has(Option.STOP);
            if (isDemo || (arguments == null && !random.once(10))) {
                i--; // a demo takes long and has its own test; most lines are wrong, which is known at once
                continue;
            }
            if (arguments != null) {
                line = harmless(line, arguments, random);
            }
            Path own = Files.createDirectory(directory.file("run-" + i));
            var runner = new CommandRunner(launcher, own).with("XDG_RUNTIME_DIR", own.toString());
            CommandResult run = runner.command(line.toArray(String[]::new));
            statuses.add(run.status());
            String what = "seed " + seed + ", line " + i + ": " + line + ": " + run;
            checkWords(run, arguments, what);
            boolean mayLeave = arguments != null && run.status() == 0 && arguments.subcommand() != null
                    && MAY_LEAVE_A_DAEMON.contains(arguments.subcommand());
            List<Integer> left = runner.processes();
            assertThat(left).as(what).hasSizeLessThanOrEqualTo(mayLeave ? 1 : 0);
            runner.killProcesses();
            assertThat(own.resolve("x.pid").toFile().exists() && !mayLeave).as(what).isFalse();
            Files.deleteIfExists(own.resolve("x.pid"));
        }
        assertThat(statuses).as("else it would prove little").contains(0, 1, 2, 5);
    }

    private static @Nullable Arguments parsed(List<String> line) {
        try {
            return Arguments.parse(CString.listOf(line.toArray(String[]::new)));
        } catch (UsageException wrong) {
            return null;
        }
    }

    /** Returns the line with files inside the directory, a program that exists here, and no long wait. */
    private static List<String> harmless(List<String> line, Arguments arguments, RandomCommandLines random) {
        List<String> harmless = new ArrayList<>();
        Subcommand subcommand = arguments.subcommand();
        if (subcommand != null && !arguments.has(Option.PID_FILE) && subcommand.takes(Option.PID_FILE)
                && (subcommand != Subcommand.PLAN || !arguments.command().isEmpty())) {
            harmless.addAll(List.of("--pid-file", "x.pid"));
        }
        if (subcommand != null && !arguments.has(Option.LOG) && subcommand.takes(Option.LOG)) {
            harmless.addAll(List.of("--log", "x.log"));
        }
        if (subcommand != null && !arguments.has(Option.TIMEOUT) && subcommand.takes(Option.TIMEOUT)) {
            harmless.addAll(List.of("--timeout", "5s"));
        }
        harmless.addAll(line.subList(0, line.size() - arguments.command().size()));
        if (!arguments.command().isEmpty()) {
            boolean endless =
                    (subcommand == Subcommand.START || subcommand == Subcommand.RESTART
                            || subcommand == Subcommand.NOHUP)
                            && !arguments.has(Option.READY) && random.once(2);
            harmless.addAll(endless ? ENDLESS : PROGRAMS.get(random.below(PROGRAMS.size())));
        }
        return harmless;
    }

    private static void checkWords(CommandResult run, @Nullable Arguments arguments, String what) {
        assertThat(run.status()).as(what).isIn(0, 1, 2, 3, 4, 5, 7);
        if (arguments == null) {
            assertThat(run.status()).as(what).isEqualTo(2);
        }
        if (run.status() == 2) {
            assertThat(run.out()).as(what).isEmpty();
        }
        assertThat(run.out() + run.err()).as(what).doesNotContain("Exception", "\tat ", "\u001b");
        boolean ownWords = arguments != null && arguments.subcommand() != null
                && Set.of(Subcommand.RUN, Subcommand.NOHUP).contains(arguments.subcommand());
        List<String> errors =
                run.err().lines().filter(line -> !ownWords || !line.equals("last words")).toList();
        int end = 0;
        while (end < errors.size() && !errors.get(end).startsWith("the end of ")) {
            assertThat(errors.get(end)).as(what).startsWith("daemon-steps: ");
            end++;
        }
        assertThat(end).as(what).isLessThanOrEqualTo(1);
        assertThat(errors.stream().skip(end + 1L)).as(what).allMatch(line -> line.startsWith("  "));
    }
}
