package io.github.daemonsteps.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.Json;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command where the locale has digits, letters or a calendar of its own. */
@Daemons
@Timeout(300)
class LocaleIT {

    /** Leaves a child, whose number is in the pid file, with the lock that the parent has acquired. */
    private static final String HEIR = """
            import fcntl, os, sys, time
            file = open(sys.argv[1], "w")
            fcntl.flock(file, fcntl.LOCK_EX)
            child = os.fork()
            if child:
                file.write("%d\\n" % child)
                file.flush()
                os._exit(0)
            time.sleep(300)
            """;

    private static final String CATCHES_HANGUPS = """
            import os, signal
            signal.signal(signal.SIGHUP, lambda *_: None)
            os.write(3, b"here\\n")
            while True:
                signal.pause()
            """;

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
    }

    private CommandResult command(String locale, String... words) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(locale));
        arguments.addAll(List.of(words));
        CommandResult run = runner.run(ChildJvm.command(List.of(),
                CommandInLocale.class, arguments.toArray(String[]::new)));
        assertThat(run.out() + run.err()).as("%s", run).matches("\\p{ASCII}*");
        return run;
    }

    private int pid() throws Exception {
        return Integer.parseInt(Files.readString(directory.resolve("d.pid")).trim());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ar-EG-u-nu-arab", "fa-IR", "ne-NP", "tr-TR", "th-TH-u-ca-buddhist-nu-thai"})
    void start_status_and_stop_work_in_each_locale(String locale) throws Exception {
        if (!locale.startsWith("tr")) { // its letters are the trap, and not its digits
            assertThat(String.format(Locale.forLanguageTag(locale), "%d", 1)).isNotEqualTo("1");
        }
        CommandResult start =
                command(locale, "start", "--name", "d", "--pid-file", "d.pid", "--log", "d.log", "--timeout",
                        "60s", "--ready", "fd:3", "--", Tool.need("python3"), "-c", CATCHES_HANGUPS);
        assertThat(start).isEqualTo(new CommandResult(0, "d: started, pid " + pid() + ": here\n", ""));
        int pid = pid();
        CommandResult status = command(locale, "status", "--pid-file", "d.pid");
        assertThat(status.status()).isZero();
        assertThat(status.out()).startsWith("d: running, pid " + pid);
        CommandResult json = command(locale, "status", "--json", "--pid-file", "d.pid");
        Map<String, Object> facts = Json.object(json.out());
        assertThat(facts).containsEntry("pid", (long) pid);
        assertThat(json).isEqualTo(command("en", "status", "--json", "--pid-file", "d.pid"));
        assertThat(command(locale, "reload", "--pid-file", "d.pid").status()).isZero();
        CommandResult stop = command(locale, "stop", "--pid-file", "d.pid");
        assertThat(stop).isEqualTo(new CommandResult(0, "d: stopped, pid " + pid + "\n", ""));
        assertThat(Processes.hasEnded(pid)).isTrue();
        CommandResult trace = command(locale, "trace", "--json");
        assertThat(Json.objects(trace.out())).extracting(step -> step.get("outcome")).hasSize(7)
                .containsOnly("DONE");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ar-EG-u-nu-arab", "fa-IR", "ne-NP", "tr-TR", "th-TH-u-nu-thai"})
    void process_that_has_inherited_the_lock_is_not_stopped(String locale) throws Exception {
        runner.shell("umask 022; exec " + Tool.need("python3") + " -c \"$1\" d.pid >/dev/null 2>&1",
                List.of(HEIR));
        int heir = pid();
        CommandResult stop = command(locale, "stop", "--pid-file", "d.pid", "--timeout", "1s");
        boolean isAlive = !Processes.hasEnded(heir);
        runner.killDaemon("d.pid");
        assertThat(isAlive).as("%s", stop).isTrue();
        assertThat(stop.status()).isNotZero();
        assertThat(stop.out()).isEmpty();
    }
}
