package io.github.daemonsteps;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.ProcessTag;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Exports;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The jar as another program uses it: the module in {@code src/it/consumer}, compiled and run with the jar
 * and a JDK alone. No path here has JSpecify.
 */
class ConsumerIT {

    private static final Path JAR = Path.of(System.getProperty("daemonsteps.jar"));
    private static final String MODULE = "io.github.daemonsteps";
    private static final String ALLOW_MODULE = "--enable-native-access=" + MODULE;
    private static final String ALLOW_CLASS_PATH = "--enable-native-access=ALL-UNNAMED";
    private static final String DENY = "--illegal-native-access=deny";

    private static final List<String> SINGLE_STEP = List.of("first setsid: done",
            "second setsid: setsid(): Operation not permitted: process PID leads a process group; "
                    + "fork first (EPERM, 1)",
            "chdir(\"/nope\"): No such file or directory (ENOENT, 2)",
            "chdir(\"/nope\"): No such file or directory (ENOENT, 2)");

    private static final String REFUSAL = "Exception in thread \"main\" java.lang.IllegalCallerException: "
            + "daemon-steps needs native access: "
            + "start java with --enable-native-access=io.github.daemonsteps "
            + "(on the module path) or --enable-native-access=ALL-UNNAMED (on the class path)";

    /** Of all processes of the class: the fixture compiles the consumer, before the first test. */
    private static final ProcessTag TAG = new ProcessTag();

    @TempDir
    private static Path directory;

    private static Path classes;

    /** The exit status and the output of a program of the JDK. */
    private record Ended(int status, List<String> lines) {}

    @BeforeAll
    static void consumer_compiles_without_a_warning() throws Exception {
        classes = directory.resolve("classes");
        List<Path> sources;
        try (Stream<Path> files = Files.walk(ChildJvm.baseDirectory().resolve("src/it/consumer"))) {
            sources = files.filter(file -> file.toString().endsWith(".java")).toList();
        }
        assertThat(javac(classes, sources)).isEqualTo(new Ended(0, List.of()));
    }

    @AfterAll
    static void no_process_of_the_test_is_left() throws IOException {
        TAG.killAll();
    }

    private static Ended run(Path program, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(arguments);
        try (var jvm = ChildJvm.start(TAG.addTo(new ProcessBuilder(command)))) {
            List<String> lines = jvm.rest();
            return new Ended(jvm.status(), lines);
        }
    }

    private static Path tool(String name) {
        return ChildJvm.java().resolveSibling(name);
    }

    private static Ended javac(Path target, List<Path> sources) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("-J-Duser.language=en", "-Xlint:all", "-Werror",
                "--release", "25", "--module-path", JAR.toString(), "-d", target.toString()));
        sources.forEach(source -> arguments.add(source.toString()));
        return run(tool("javac"), arguments);
    }

    private static Ended onModulePath(List<String> options, String main, String... arguments)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(options);
        words.addAll(List.of("--module-path", JAR + ":" + classes, "--module", "consumer/consumer." + main));
        words.addAll(List.of(arguments));
        return run(ChildJvm.java(), words);
    }

    private static Ended onClassPath(List<String> options, String main)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(options);
        words.addAll(List.of("--class-path", JAR + ":" + classes, "consumer." + main));
        return run(ChildJvm.java(), words);
    }

    private List<String> ownStep(int niceness) throws Exception {
        Ended ended = onModulePath(List.of(ALLOW_MODULE, DENY), "OwnStep", directory.toString(),
                Integer.toString(niceness));
        assertThat(ended.status()).as("%s", ended).isZero();
        return ended.lines();
    }

    @Test
    void step_of_an_application_is_planned_taken_and_reported_in_both_pipelines() throws Exception {
        List<String> lines = ownStep(7);
        assertThat(lines).contains("plan NICE", "run NICE: Done[note=niceness 7]",
                "start NICE: Done[note=niceness 7]");
        assertThat(lines).filteredOn(line -> line.startsWith("start ")).map(line -> line.split("[ :]")[1])
                .containsSubsequence("REOPEN", "NICE", "EXEC");
        assertThat(lines.get(lines.size() - 2)).startsWith("own: started, pid ");
        assertThat(lines.getLast()).startsWith("own: stopped, pid ");
        assertThat(directory.resolve("own.log")).hasContent("7\n");
    }

    @Test
    void failed_check_of_an_application_step_fails_the_start() throws Exception {
        Path log = directory.resolve("own.log");
        Files.deleteIfExists(log);
        List<String> lines = ownStep(30);
        String failure = "NICE: setpriority: the niceness is 19";
        assertThat(lines).contains("run " + failure, "start " + failure, "own: not started: " + failure)
                .last().asString().startsWith("own: not running");
        assertThat(log).isEmptyFile();
        assertThat(directory.resolve("own.pid")).doesNotExist();
        assertThat(TAG.processes()).isEmpty();
    }

    @Test
    void application_starts_a_daemon_from_its_main() throws Exception {
        Path log = directory.resolve("daemon.log");
        Ended ended = onModulePath(List.of(ALLOW_MODULE, DENY), "Application", log.toString(), "/bin/sh",
                "-c", "echo started; kill -STOP $$");
        assertThat(ended.status()).as(ended.toString()).isZero();
        assertThat(ended.lines()).hasSize(9).last().asString().matches("pid: \\d+");
        assertThat(ended.lines().subList(0, 8)).map(line -> line.substring(0, line.indexOf(':')))
                .containsExactly("FORK", "SETSID", "FORK_AGAIN", "CHDIR", "UMASK", "CLOSE", "REOPEN", "EXEC");

        int pid = Integer.parseInt(ended.lines().getLast().substring("pid: ".length()));
        awaitLine(log, "started"); // a program that is being loaded has files open
        ProcessState daemon = ProcessState.of(pid);
        assertThat(daemon.isSessionLeader()).isFalse();
        assertThat(daemon.isGroupLeader()).isFalse();
        assertThat(daemon.tty()).isNull();
        assertThat(daemon.cwd()).isEqualTo("/");
        assertThat(daemon.umask()).isEqualTo(FileMode.of(027));
        assertThat(daemon.fds()).containsOnlyKeys(0, 1, 2).containsEntry(0, "/dev/null")
                .containsEntry(1, log.toRealPath().toString());
        assertThat(TAG.processes()).containsExactly(pid);
        Processes.kill(pid);
    }

    private static void awaitLine(Path file, String line) throws IOException {
        Await.until(() -> Files.readAllLines(file).contains(line), () -> "no line '" + line + "' in " + file);
    }

    @Test
    void test_takes_the_steps_one_by_one() throws Exception {
        assertThat(onModulePath(List.of(ALLOW_MODULE, DENY), "StepByStep"))
                .isEqualTo(new Ended(0, List.of("FORK: done", "SETSID: done", "FORK_AGAIN: done",
                        "CHDIR: done", "UMASK: skipped, left out", "CLOSE: done", "REOPEN: done")));
    }

    @Test
    void step_is_taken_alone() throws Exception {
        assertThat(onModulePath(List.of(ALLOW_MODULE, DENY), "SingleStep"))
                .isEqualTo(new Ended(0, SINGLE_STEP));
    }

    @Test
    void application_runs_on_the_class_path() throws Exception {
        assertThat(onClassPath(List.of(ALLOW_CLASS_PATH, DENY), "SingleStep"))
                .isEqualTo(new Ended(0, SINGLE_STEP));
    }

    @Test
    void missing_native_access_flag_prints_the_warning_of_the_jdk() throws Exception {
        Ended module = onModulePath(List.of(), "SingleStep");
        assertThat(module.status()).isZero();
        assertThat(module.lines()).containsAll(SINGLE_STEP)
                .anyMatch(line -> line.startsWith("WARNING: Use " + ALLOW_MODULE));
        Ended classPath = onClassPath(List.of(), "SingleStep");
        assertThat(classPath.status()).isZero();
        assertThat(classPath.lines()).containsAll(SINGLE_STEP)
                .anyMatch(line -> line.startsWith("WARNING: Use " + ALLOW_CLASS_PATH));
    }

    @Test
    void denied_native_access_is_one_error_that_names_the_flag() throws Exception {
        for (Ended ended : List.of(onModulePath(List.of(DENY), "SingleStep"),
                onClassPath(List.of(DENY), "SingleStep"))) {
            assertThat(ended.status()).isEqualTo(1);
            assertThat(ended.lines()).first().isEqualTo(REFUSAL);
            assertThat(ended.lines()).filteredOn(line -> line.startsWith("Exception")).hasSize(1);
        }
    }

    /** Enable-Native-Access in the manifest of the library applies to the command alone. */
    @Test
    void manifest_enables_native_access_for_java_dash_jar_only() throws Exception {
        Ended ended = run(ChildJvm.java(), List.of(DENY, "-jar", JAR.toString(), "trace"));
        assertThat(ended.status()).as(ended.toString()).isZero();
        assertThat(ended.lines()).noneMatch(line -> line.startsWith("WARNING"));
        assertThat(onClassPath(List.of(DENY), "SingleStep").status()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cli.Main", "daemon.config.DaemonConfig", "daemon.pidfile.PidFile",
        "ffm.NativePosix", "ffm.libc.Libc",
        "ffm.libc.linux_x64.Libc", "ffm.libc.linux_aarch64.Libc", "jvm.RunningJvm", "procfs.ProcessStat",
        "relay.RelayedProcess",
        "text.Json"})
    void package_that_is_not_exported_is_inaccessible(String type) throws Exception {
        String name = MODULE + "." + type;
        Ended ended = compile("module other { requires io.github.daemonsteps; }", name);
        assertThat(ended.status()).isEqualTo(1);
        String inPackage = name.substring(0, name.lastIndexOf('.'));
        assertThat(ended.lines()).anyMatch(line -> line.contains(
                "package " + inPackage + " is declared in module " + MODULE + ", which does not export it"));
    }

    @Test
    void module_that_is_not_required_is_inaccessible() throws Exception {
        Ended ended = compile("module other { }", MODULE + ".DaemonSteps");
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.lines())
                .anyMatch(line -> line.contains("package io.github.daemonsteps is not visible")
                        || line.contains("module other does not read it"));
    }

    private static Ended compile(String module, String imported) throws Exception {
        Path sources = Files.createDirectories(directory.resolve("other"));
        Path descriptor = Files.writeString(sources.resolve("module-info.java"), module);
        Path type = Files.writeString(sources.resolve("Other.java"),
                "package other; class Other { " + imported + " it; }");
        return javac(directory.resolve("other-classes"), List.of(descriptor, type));
    }

    @Test
    void module_exports_six_packages_to_all_and_opens_none() {
        ModuleDescriptor descriptor = descriptor();
        assertThat(descriptor.exports()).noneMatch(Exports::isQualified);
        assertThat(descriptor.exports()).map(Exports::source).containsExactlyInAnyOrder(MODULE,
                MODULE + ".daemon", MODULE + ".posix", MODULE + ".process", MODULE + ".steps",
                MODULE + ".steps.extra");
        assertThat(descriptor.isOpen()).isFalse();
        assertThat(descriptor.opens()).isEmpty();
    }

    @Test
    void module_requires_only_the_jdk_at_run_time() throws Exception {
        assertThat(descriptor().requires().stream().collect(toMap(Requires::name, Requires::modifiers)))
                .containsOnlyKeys("java.base", "jdk.unsupported", "org.jspecify")
                .containsEntry("org.jspecify", Set.of(Requires.Modifier.STATIC));
        assertThat(run(tool("jdeps"), List.of("-summary", JAR.toString())))
                .isEqualTo(new Ended(0, List.of(MODULE + " -> java.base", MODULE + " -> jdk.unsupported")));
    }

    private static ModuleDescriptor descriptor() {
        return ModuleFinder.of(JAR).find(MODULE).orElseThrow().descriptor();
    }

    @Test
    void application_runs_in_a_jlink_image() throws Exception {
        boolean canLink = Files.isDirectory(ChildJvm.java().resolve("../../jmods").normalize())
                || run(tool("jlink"), List.of("-J-Duser.language=en", "--help")).lines().stream()
                        .anyMatch(line -> line.contains("Linking from run-time image enabled"));
        assumeTrue(canLink, "this JDK has no jmods, and cannot link from its own image");
        Path image = directory.resolve("image");
        assertThat(run(tool("jlink"),
                List.of("--module-path", JAR + ":" + classes, "--add-modules", "consumer",
                        "--add-options=" + ALLOW_MODULE + " " + DENY, "--output", image.toString()))
                .status())
                .isZero();
        Path java = image.resolve("bin/java");
        assertThat(run(java, List.of("--list-modules")).lines()).map(line -> line.replaceFirst("@.*", ""))
                .containsExactlyInAnyOrder("consumer", MODULE, "java.base", "jdk.unsupported");
        assertThat(run(java, List.of("--module", "consumer/consumer.SingleStep")))
                .isEqualTo(new Ended(0, SINGLE_STEP));
    }
}
