package io.github.daemonsteps.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.daemonsteps.testing.Checkout;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.OrdinaryUser;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The script in unusual checkouts, locales and limits. */
@Daemons
@Timeout(300)
class ScriptIT {

    private static final String NO_JDK = "/no/jvm";

    private Path directory;

    private Path checkoutDirectory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) throws IOException {
        directory = testDirectory.path();
        checkoutDirectory = Files.createDirectory(directory.resolve("checkout"));
        runner = new CommandRunner(launcher, directory);
    }

    private CommandResult script(String... words) throws Exception {
        List<String> all = new ArrayList<>(List.of(checkoutDirectory.resolve("daemon-steps").toString()));
        all.addAll(Arrays.asList(words));
        return runner.run(all);
    }

    private CommandResult byOrdinaryUser(String... words) throws Exception {
        becomeOrdinaryUser();
        return script(words);
    }

    private void becomeOrdinaryUser() throws IOException {
        var user = new OrdinaryUser(Files.createDirectories(directory.resolve("user")));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        runner.by(user.prefix().toArray(String[]::new));
    }

    /** Runs the script of a directory whose name printf(1) writes, since this JVM may not be able to. */
    private CommandResult inDirectory(String name, String line) throws Exception {
        String moved =
                "odd=$(printf \"$1\"); mkdir -p \"$odd\" || exit 99; cp -Rp checkout/. \"$odd\" || exit 99;"
                        + " D=$odd/daemon-steps; " + line;
        return runner.shell(moved, List.of(name));
    }

    @ParameterizedTest
    @CsvSource({"C,Pr\\303\\274f stand/d\\303\\244 mon's", "C.UTF-8,Pr\\303\\274f stand/d\\303\\244 mon's",
        "C,col:on", "C.UTF-8,not utf-8: \\374\\377", "C,a blank"})
    void directory_with_unusual_name_has_each_subcommand(String locale, String name) throws Exception {
        Checkout.built(checkoutDirectory);
        runner.with("LC_ALL", locale);
        CommandResult run = inDirectory(name, """
                "$D" trace >trace || exit 1
                "$D" start --name d --pid-file d.pid --log d.log -- sleep 300 || exit 2
                ls "/proc/$(cat d.pid)/fd" >fds
                "$D" status --name d --pid-file d.pid || exit 3
                "$D" stop --name d --pid-file d.pid || exit 4
                "$D" status --name d --pid-file d.pid
                [ $? -eq 3 ] || exit 5
                mkfifo done || exit 6
                for subcommand in run nohup; do
                    timeout 60 cat done >"$subcommand.fds" &
                    "$D" $subcommand -- sh -c 'ls -l /proc/$$/fd >"$0"' "$PWD/done" || exit 7
                    wait $! || exit 8
                    if grep -E 'target|[.]jar' "$subcommand.fds" >&2; then exit 9; fi
                done
                ls "${D%/*}/target"
                """);
        assertThat(run.status()).as("%s", run).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.lines()).element(0).asString().startsWith("d: started, pid ");
        assertThat(run.lines()).anyMatch(line -> line.startsWith("started, pid "));
        assertThat(run.lines()).as("the cache is made")
                .anyMatch(file -> file.matches("command-[0-9.]+\\.aot"));
        assertThat(Files.readAllLines(directory.resolve("fds"))).as("its pid file's").hasSize(4);
    }

    @Test
    void build_in_directory_with_unusual_name_uses_a_plain_one() throws Exception {
        Checkout.notBuilt(checkoutDirectory)
                .mavenWithoutCache("pwd; echo \"$LC_ALL\"; [ -f pom.xml ] && [ -d src/main ]");
        runner.with("PATH", checkoutDirectory.resolve("bin") + ":/usr/bin:/bin").with("LC_ALL", "C");
        CommandResult run = inDirectory("d\\303\\244:mon", "\"$D\" --version");
        assertThat(run.status()).as("%s", run).isZero();
        assertThat(run.out()).startsWith("daemon-steps ");
        List<String> lines = run.err().lines().toList();
        assertThat(lines).hasSize(3).element(0).asString().startsWith("daemon-steps: building ");
        assertThat(lines.get(1)).matches("/[/A-Za-z0-9._-]+");
        assertThat(Path.of(lines.get(1))).doesNotExist();
        assertThat(lines.get(2)).isEqualTo("C.UTF-8");
    }

    private static void assertNotRunning(CommandResult run) {
        assertThat(run.status()).as("%s", run).isEqualTo(3);
        assertThat(run.out()).startsWith("d: not running, pid file ");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void build_under_umask_077_is_readable_by_all() throws Exception {
        Checkout checkout = Checkout.notBuilt(checkoutDirectory);
        checkout.mavenWithoutCache("umask");
        runner.with("PATH", checkout.path());
        CommandResult built =
                runner.shell("umask 077; exec \"$1\" --version", List.of(checkout.script().toString()));
        assertThat(built.status()).as("%s", built).isZero();
        try (Stream<Path> made = Files.walk(checkoutDirectory.resolve("target"))) {
            for (Path path : (Iterable<Path>) made::iterator) {
                assertThat(Files.getPosixFilePermissions(path)).as("%s", path)
                        .contains(PosixFilePermission.OTHERS_READ);
            }
        }
        assertNotRunning(byOrdinaryUser("status", "--name", "d"));
    }

    @ParameterizedTest
    @CsvSource({"target,--version,1", "target/daemon-steps.jar,--version,1", "target,status --name d,4",
        "config,status --name d,4", "config/find-jdk.sh,--version,1"})
    void file_that_cannot_be_read_is_named(String file, String words, int status) throws Exception {
        Checkout.built(checkoutDirectory).withoutCache();
        Path closed = checkoutDirectory.resolve(file);
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
        CommandResult run = byOrdinaryUser(words.split(" "));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
        assertThat(run).isEqualTo(new CommandResult(status, "", "daemon-steps: cannot read " + closed
                + ": let its owner run 'chmod -R a+rX' on it\n"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void checkout_that_cannot_be_written_runs_if_it_is_built(boolean isBuilt) throws Exception {
        Checkout checkout =
                isBuilt
                        ? Checkout.built(checkoutDirectory).withoutCache()
                        : Checkout.notBuilt(checkoutDirectory);
        if (isBuilt) {
            Files.setPosixFilePermissions(checkoutDirectory.resolve("target"),
                    PosixFilePermissions.fromString("r-xr-xr-x"));
        }
        Files.setPosixFilePermissions(checkoutDirectory, PosixFilePermissions.fromString("r-xr-xr-x"));
        CommandResult run = byOrdinaryUser("status", "--name", "d");
        Files.setPosixFilePermissions(checkoutDirectory, PosixFilePermissions.fromString("rwxr-xr-x"));
        if (isBuilt) {
            Files.setPosixFilePermissions(checkoutDirectory.resolve("target"),
                    PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        if (isBuilt) {
            assertNotRunning(run);
        } else {
            assertThat(run).isEqualTo(new CommandResult(4, "",
                    "daemon-steps: cannot build " + checkoutDirectory + "/target/daemon-steps.jar: this user"
                            + " cannot write there: let its owner run '" + checkout.script()
                            + " --version' once\n"));
        }
    }

    @Test
    void build_is_done_by_the_jdk_that_the_script_finds() throws Exception {
        Checkout checkout = Checkout.notBuilt(checkoutDirectory).withJvmsIn(NO_JDK);
        checkout.mavenWithoutCache("echo \"$JAVA_HOME\"");
        Path old = java("old", "17.0.1", "java", "javac");
        runner.with("JAVA_HOME", old.toString())
                .with("PATH", checkout.path() + ":" + System.getProperty("java.home") + "/bin");
        CommandResult run = script("--version");
        assertThat(run.status()).as("%s", run).isZero();
        assertThat(run.err().lines().skip(1)).hasSize(1).allSatisfy(home -> assertThat(Path.of(home))
                .satisfies(path -> assertThat(path.toRealPath())
                        .isEqualTo(Path.of(System.getProperty("java.home")).toRealPath())));
    }

    @Test
    void build_with_a_jre_alone_names_the_package() throws Exception {
        Checkout checkout = Checkout.notBuilt(checkoutDirectory).withJvmsIn(NO_JDK);
        checkout.mavenWithoutCache("exit 1");
        Path jre = java("jre", "25", "java");
        runner.with("JAVA_HOME", jre.toString()).with("PATH",
                checkoutDirectory.resolve("bin") + ":" + pathWithoutJava());
        CommandResult run = script("--version");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err().lines()).hasSize(1).allSatisfy(line -> assertThat(line)
                .startsWith("daemon-steps: cannot build ")
                .contains("openjdk-25-jdk-headless", "a JRE is not enough"));
    }

    private Path pathWithoutJava() throws IOException {
        Path bin = Files.createDirectory(directory.resolve("tools"));
        for (String tool : List.of("readlink", "grep", "base64", "find", "flock", "cp", "touch", "mv",
                "mkdir", "rm", "tail")) {
            executable(bin.resolve(tool), "exec " + Tool.path(tool) + " \"$@\"");
        }
        return bin;
    }

    private static void executable(Path file, String line) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + line + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Path java(String name, String version, String... programs) throws IOException {
        Path home = directory.resolve(name);
        Path bin = Files.createDirectories(home.resolve("bin"));
        for (String program : programs) {
            executable(bin.resolve(program), "exit 0");
        }
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
        return home;
    }

    @Test
    void maven_of_the_build_sends_no_escape_sequences_without_a_terminal() throws Exception {
        Checkout checkout = Checkout.notBuilt(checkoutDirectory);
        String maven = Tool.path("mvn");
        checkout.mavenWithoutCache(maven + " -B -q -Dstyle.color=never --version");
        runner.with("PATH", checkout.path());
        CommandResult run = script("--version");
        assertThat(run.status()).as("%s", run).isZero();
        assertThat(run.err()).matches("daemon-steps: building .*\n[0-9.]+.*\n");
    }

    @Test
    void maven_of_the_tests_prints_no_escape_sequences_and_no_warnings_of_its_own() throws Exception {
        Checkout.notBuilt(checkoutDirectory);
        Path run = checkoutDirectory.resolve(".ci/run");
        Files.createDirectory(run.getParent());
        Files.copy(ChildJvm.baseDirectory().resolve(".ci/run"), run);
        Path bin = Files.createDirectory(directory.resolve("bin"));
        for (String tool : List.of("bash", "dirname", "readlink", "sed", "uname")) {
            executable(bin.resolve(tool), "exec " + Tool.path(tool) + " \"$@\"");
        }
        for (String tool : List.of("aarch64-linux-gnu-gcc", "chattr", "curl", "gcc", "groff", "logrotate",
                "mandoc",
                "objdump",
                "pgrep", "python3", "systemd-analyze", "unshare", "x86_64-linux-gnu-gcc")) {
            executable(bin.resolve(tool), "exit 1");
        }
        executable(bin.resolve("mvn"), "PATH=/usr/bin:/bin exec " + Tool.path("mvn") + " \"$@\" --version");
        CommandResult tests =
                runner.with("PATH", bin.toString()).run(List.of(Tool.path("bash"), run.toString()));
        assumeFalse(tests.err().contains("install these Debian packages"), "no C headers");
        assertThat(tests.status()).as("%s", tests).isZero();
        assertThat(tests.out()).startsWith("Apache Maven ").doesNotContain("\33");
        assertThat(tests.err()).isEmpty();
    }

    @Test
    void limit_of_addresses_of_2_gb_is_enough() throws Exception {
        CommandResult run =
                runner.shell("ulimit -v 2000000; \"$1\" trace >/dev/null && exec \"$1\" status --name d",
                        List.of(CommandRunner.COMMAND));
        assertNotRunning(run);
    }

    @ParameterizedTest
    @CsvSource({"status --name d --pid-file d.pid,4", "--name d --json --pid-file=d.pid status,4",
        "stop --pid-file d.pid,1", "stop --name status --pid-file d.pid,1", "run -- /bin/true,1",
        "--version,1"})
    void jvm_that_a_limit_of_addresses_stops_is_reported_in_one_line(String words, int status)
            throws Exception {
        Files.writeString(directory.resolve("d.pid"), "1\n");
        assertThat(inAddresses(300_000, words)).isEqualTo(new CommandResult(status, "",
                "daemon-steps: the JVM cannot start: Could not reserve enough space for 131072 KB object"
                        + " heap; raise the low limit (ulimit -v)\n"));
        CommandResult fatal = inAddresses(500_000, words);
        assertThat(fatal.status()).as("%s", fatal).isEqualTo(status);
        assertThat(fatal.out()).isEmpty();
        assertThat(fatal.err()).hasLineCount(1)
                .startsWith("daemon-steps: the JVM cannot start: Native memory allocation (")
                .endsWith("; raise the low limit (ulimit -v)\n");
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).as("no file about a crash")
                    .containsExactlyInAnyOrder(directory.resolve("d.pid"), checkoutDirectory);
        }
        Files.delete(directory.resolve("d.pid"));
    }

    private CommandResult inAddresses(int kilobytes, String words) throws Exception {
        return runner.shell("ulimit -v " + kilobytes + "; exec \"$1\" " + words,
                List.of(CommandRunner.COMMAND));
    }

    @ParameterizedTest
    @CsvSource({"1,status --name d,4", "1,stop --name d,1", "8,status --name d,4", "8,stop --name d,1",
        "8,run -- /bin/true,1"})
    void limit_of_processes_that_stops_script_or_jvm_is_reported_in_one_line(int limit, String words,
            int status) throws Exception {
        Checkout.built(checkoutDirectory).withoutCache();
        becomeOrdinaryUser();
        runner.by(Tool.need("prlimit"), "--nproc=" + limit);
        CommandResult run = script(words.split(" "));
        assertThat(run.status()).as("%s", run).isEqualTo(status);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).hasLineCount(1)
                .matches("daemon-steps: (cannot start a process|the JVM cannot start): .*\\(ulimit -u\\)\n");
    }

    @Test
    void path_without_programs_is_reported_in_one_line() throws Exception {
        Checkout.built(checkoutDirectory).withoutCache();
        String text = "daemon-steps: no readlink on the PATH (%s): add /usr/bin:/bin to it\n";
        assertThat(runner.with("PATH", "").run(List.of(checkoutDirectory + "/daemon-steps", "--version")))
                .isEqualTo(new CommandResult(1, "", text.formatted("")));
        assertThat(runner.with("PATH", "/nope")
                .run(List.of(checkoutDirectory + "/daemon-steps", "status", "--name",
                        "d")))
                .isEqualTo(new CommandResult(4, "", text.formatted("/nope")));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void target_that_is_not_a_directory_is_reported_in_one_line(boolean isLink) throws Exception {
        Checkout.notBuilt(checkoutDirectory);
        Path target = checkoutDirectory.resolve("target");
        if (isLink) {
            Files.createSymbolicLink(target, directory.resolve("missing"));
        } else {
            Files.createFile(target);
        }
        assertThat(script("status", "--name", "d")).isEqualTo(new CommandResult(4, "",
                "daemon-steps: not a directory, or a link to none: " + target + ": remove it\n"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 50_000})
    void part_of_a_jar_is_replaced(int bytes) throws Exception {
        Checkout checkout = Checkout.built(checkoutDirectory).withoutCache();
        checkout.mavenWithoutCache("[ ! -e target/daemon-steps.jar ]");
        runner.with("PATH", checkout.path());
        Path built = checkoutDirectory.resolve("target/daemon-steps.jar");
        byte[] part = Arrays.copyOf(Files.readAllBytes(built), bytes);
        Path copy = checkoutDirectory.resolve("target/command.jar");
        Files.write(copy, new byte[0]);
        CommandResult copied = script("--version");
        assertThat(copied.status()).as("%s", copied).isZero();
        assertThat(copied.err()).isEmpty();
        Files.write(built, part);
        Files.delete(copy); // as after a build that was killed
        CommandResult rebuilt = script("--version");
        assertThat(rebuilt.status()).as("%s", rebuilt).isZero();
        assertThat(rebuilt.err()).hasLineCount(1).startsWith("daemon-steps: building ");
    }

    @Test
    void status_without_a_jdk_is_unknown() throws Exception {
        Checkout.built(checkoutDirectory).withoutCache().withJvmsIn(NO_JDK);
        runner.with("JAVA_HOME", NO_JDK).with("PATH", pathWithoutJava().toString());
        CommandResult run = script("status", "--name", "d");
        assertThat(run.status()).isEqualTo(4);
        assertThat(run.err().lines()).hasSize(1)
                .allSatisfy(line -> assertThat(line)
                        .startsWith("daemon-steps: no JDK 25 or later in JAVA_HOME "));
    }
}
