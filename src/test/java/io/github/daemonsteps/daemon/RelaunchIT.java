package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.daemonsteps.daemon.readiness.Handshake;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Command;
import io.github.daemonsteps.testing.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Real JVMs, each started in its own directory by one form of command line, that start themselves again as
 * a daemon in {@code /}: the daemon sees the files of the launcher.
 */
class RelaunchIT {

    private static final String JAVA = ChildJvm.java().toString();
    private static final List<String> QUICK = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");
    private static final String ALLOW = "--enable-native-access=";

    /** Properties with paths that become absolute, or that follow from these. */
    private static final Set<String> PATHS = Set.of("java.class.path", "jdk.module.path");
    private static final Set<String> OF_EACH_PROCESS = Set.of("user.dir", "sun.java.command");

    @TempDir
    private static Path common;

    private Path directory;

    /** The working directory of the launcher. */
    private String cwd;
    private ProbeRun probe;

    @BeforeAll
    static void probe_is_compiled() throws Exception {
        common = common.toRealPath();
        Path sources = ChildJvm.baseDirectory().resolve("src/it/probe");
        Path jar = Path.of(System.getProperty("daemonsteps.jar"));
        Path library = Files.createDirectories(common.resolve("lib"));
        Path classes = common.resolve("classes");
        Files.copy(jar, library.resolve("daemon-steps.jar"));
        tool("javac", "--release", "25", "--module-path", jar.toString(), "-d", classes.toString(),
                sources.resolve("module-info.java").toString(),
                sources.resolve("probe/Probe.java").toString(),
                sources.resolve("probe/Agent.java").toString());
        tool("jar", "--extract", "--file", jar.toString(), "--dir", common.resolve("unpacked").toString());
        Path manifest = Files.writeString(common.resolve("manifest"), """
                Main-Class: probe.Probe
                Class-Path: daemon-steps.jar
                Premain-Class: probe.Agent
                """);
        tool("jar", "--create", "--file", library.resolve("probe.jar").toString(), "--manifest",
                manifest.toString(), "-C", classes.toString(), ".");
        Files.writeString(Files.createDirectories(common.resolve("patch/probe")).resolve("patch"), "patched");
        Path source = Files.createDirectories(common.resolve("source/probe"));
        Files.copy(sources.resolve("probe/Probe.java"), source.resolve("Probe.java"));
    }

    private static void tool(String name, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(ChildJvm.java().resolveSibling(name).toString()));
        command.addAll(List.of(arguments));
        Command ended = Command.run(command.toArray(String[]::new));
        assertThat(ended.status()).as(ended.output()).isZero();
    }

    @BeforeEach
    void probe_has_a_directory_of_its_own() throws IOException {
        directory = Files.createTempDirectory(common, "run");
        Path work = Files.createDirectory(directory.resolve("work"));
        for (String name : List.of("lib", "patch", "source")) {
            Files.createSymbolicLink(work.resolve(name), common.resolve(name));
        }
        // The directory itself is a class path, too.
        Files.createSymbolicLink(work.resolve("probe"), common.resolve("classes/probe"));
        Files.createSymbolicLink(work.resolve("io"), common.resolve("unpacked/io"));
        Files.writeString(work.resolve("arguments"), "-cp " + work + "/lib/*\nprobe.Probe # and the rest\n");
        Files.writeString(work.resolve("whole"), "-cp " + work + "/lib/* -Dx='a word'\nprobe.Probe begin x");
        Files.writeString(work.resolve("relative"), "-cp lib/* probe.Probe\n");
        cwd = ProbeRun.bytes(work);
        probe = new ProbeRun(directory).shell("cd work");
    }

    @AfterEach
    void no_process_of_the_test_is_left() throws Exception {
        probe.close();
    }

    /**
     * The arguments of {@code form}. In it {@code ^} stands for an omitted working directory, and CWD for a
     * written one.
     */
    private List<String> words(String form, String... arguments) {
        List<String> words = new ArrayList<>(List.of(JAVA));
        words.addAll(QUICK);
        boolean module = form.contains("-m ") || form.contains("--module=");
        words.add(ALLOW + (module ? "io.github.daemonsteps" : "ALL-UNNAMED"));
        words.add("-Dprobe.directory=" + ProbeRun.bytes(directory));
        words.addAll(List.of(form.replace("CWD", cwd).split(" ")));
        words.addAll(List.of(arguments));
        return words;
    }

    private static List<String> given(List<String> words) {
        return words.stream().map(word -> word.replace("^/", "").replace("^", "")).toList();
    }

    private List<String> absolute(List<String> words) {
        return words.stream().map(word -> word.replace("^", cwd)).toList();
    }

    /** The launcher reports a daemon, and the worker runs in the daemon alone. */
    private void assertStarts(List<String> words) throws Exception {
        List<String> output = probe.start(words).output();
        assertThat(probe.status()).as(() -> output + all()).isZero();
        assertThat(probe.files("probe.pid")).as(() -> output + all()).isNotEmpty();
        int pid = probe.daemonPid();
        assertThat(pid).isNotEqualTo(probe.launcherPid());
        assertThat(probe.files("worker-")).containsExactly("worker-" + pid);
        if (probe.hasStandardOutput()) {
            assertThat(output).last().isEqualTo("probe: started, pid " + pid);
        }
    }

    /** The daemon sees the same as the launcher, apart from the paths that become absolute. */
    private void assertHandedOver(List<String> words) throws Exception {
        assertHandedOver(given(words), absolute(words));
    }

    private void assertHandedOver(List<String> words, List<String> expected) throws Exception {
        assertStarts(words);
        ProbeRun.Seen launcher = probe.launcher();
        ProbeRun.Seen daemon = probe.daemon();

        assertThat(launcher.commandLine()).isEqualTo(words);
        assertThat(daemon.commandLine()).isEqualTo(expected);
        assertThat(ProbeRun.withoutDumpFiles(ProbeRun.commandLine(probe.daemonPid()))).isEqualTo(expected);
        assertThat(withoutHandshake(daemon.environment()))
                .isEqualTo(launcher.environment().stream().map(this::absoluteClassPath).toList());
        assertThat(untouched(daemon.properties())).isEqualTo(untouched(launcher.properties()));
        assertThat(daemon.properties()).containsEntry("user.dir", "/");
        for (String path : PATHS) {
            String given = launcher.properties().get(path);
            boolean none = given == null || (given.isEmpty() && isModule(launcher));
            assertThat(daemon.properties().get(path)).as(path).isEqualTo(none ? given : resolved(given));
        }
        assertThat(daemon.arguments()).isEqualTo(withoutVerb(launcher.arguments()));
        assertThat(daemon.patch()).isEqualTo(launcher.patch());
    }

    /** The other output, for the message of a failure. */
    private String all() {
        try {
            return "errors: " + probe.errors() + ", log: " + probe.log();
        } catch (IOException unreadable) {
            return unreadable.toString();
        }
    }

    private String absoluteClassPath(String variable) {
        String name = "CLASSPATH=";
        return variable.startsWith(name) ? name + resolved(variable.substring(name.length())) : variable;
    }

    private static List<String> withoutHandshake(List<String> environment) {
        return environment.stream().filter(entry -> !entry.startsWith(Handshake.VARIABLE + "=")).toList();
    }

    private static Map<String, String> untouched(Map<String, String> properties) {
        Map<String, String> rest = new TreeMap<>(properties);
        rest.keySet().removeAll(PATHS);
        rest.keySet().removeAll(OF_EACH_PROCESS);
        return rest;
    }

    /** An empty class path beside a module is not a class path. */
    private static boolean isModule(ProbeRun.Seen launcher) {
        return launcher.properties().containsKey("jdk.module.main");
    }

    private static List<String> withoutVerb(List<String> arguments) {
        assertThat(arguments).first().isEqualTo("start");
        return arguments.subList(1, arguments.size());
    }

    /** The meaning of a class path or module path in the working directory. */
    private String resolved(String path) {
        return Arrays.stream(path.split(":", -1))
                .map(element -> element.startsWith("/")
                        ? element
                        : element.isEmpty() ? cwd : cwd + "/" + element)
                .collect(Collectors.joining(":"));
    }

    @Nested
    class Forms {

        @ParameterizedTest
        @ValueSource(strings = {"-cp ^/lib/probe.jar:^/lib/daemon-steps.jar probe.Probe",
            "-classpath ^ probe.Probe", "-cp ^:^/lib/daemon-steps.jar probe.Probe",
            "--class-path ^/lib/* probe.Probe", "--class-path=^/lib/../lib/* probe/Probe",
            "-p ^/lib -m probe/probe.Probe",
            "--module-path=^/lib/probe.jar:^/lib/daemon-steps.jar --module=probe/probe.Probe",
            "-p CWD/lib --patch-module probe=^/patch -m probe/probe.Probe",
            "-jar ^/lib/probe.jar", "-javaagent:^/lib/probe.jar=an=option -jar ^/lib/probe.jar",
            "@CWD/arguments", "@^/arguments", "-cp ^/lib/daemon-steps.jar CWD/source/probe/Probe.java",
            "-cp ^/lib/daemon-steps.jar ^/source/probe/Probe.java",
            "-cp ^/lib/daemon-steps.jar --source 25 ^/source/probe/Probe.java"})
        void daemon_sees_the_files_of_its_launcher(String form) throws Exception {
            assertHandedOver(words(form, "start", "an argument", "lib/probe.jar"));
            assertThat(probe.daemon().patch()).isEqualTo(form.contains("^/patch") ? "patched" : "none");
            assertThat(probe.daemon().properties().get("probe.agent"))
                    .isEqualTo(form.contains("-javaagent") ? "an=option" : null);
        }

        @Test
        void missing_class_path_is_the_directory_of_the_launcher() throws Exception {
            List<String> given = words("probe.Probe", "start");
            List<String> expected = new ArrayList<>(given);
            expected.addAll(1, List.of("-cp", cwd));
            assertStarts(given);
            assertThat(probe.launcher().properties()).containsEntry("java.class.path", ".");
            assertThat(probe.daemon().properties()).containsEntry("java.class.path", cwd);
            assertThat(probe.daemon().commandLine()).isEqualTo(expected);
        }

        @ParameterizedTest
        @ValueSource(strings = {"lib/probe.jar:lib/daemon-steps.jar", "lib/*", ":lib/daemon-steps.jar", ""})
        void class_path_in_the_environment_becomes_absolute(String path) throws Exception {
            probe.variable("CLASSPATH", path);
            assertHandedOver(words("probe.Probe", "start"));
        }

        @Test
        void command_found_in_the_path_keeps_its_short_name() throws Exception {
            List<String> words = words("-jar ^/lib/probe.jar", "start");
            words.set(0, "java");
            probe.shell("PATH=" + ChildJvm.java().getParent() + ":$PATH");
            assertHandedOver(words);
        }

        @Test
        void options_in_variables_stay_there() throws Exception {
            probe.variable("JDK_JAVA_OPTIONS", "-cp \"" + cwd + "/lib/*\" '-Dfirst=one word'");
            probe.variable("JAVA_TOOL_OPTIONS",
                    "-Dsecond=2 -javaagent:" + cwd + "/lib/probe.jar=by-variable");
            probe.variable("_JAVA_OPTIONS", "-Dthird=3");
            assertHandedOver(words("probe.Probe", "start"));
            assertThat(probe.daemon().properties()).containsEntry("first", "one word")
                    .containsEntry("second", "2").containsEntry("third", "3")
                    .containsEntry("probe.agent", "by-variable");
        }

        @Test
        void many_options_are_passed() throws Exception {
            List<String> words = words("-cp ^/lib/*");
            for (int i = 0; i < 300; i++) {
                words.addAll(List.of("-Dproperty." + i + "=lib/" + i, "--add-opens",
                        "java.base/java.lang=ALL-UNNAMED", "--add-opens=java.base/java.util=ALL-UNNAMED"));
            }
            words.addAll(List.of("probe.Probe", "start"));
            assertHandedOver(words);
            assertThat(probe.daemon().properties()).containsEntry("property.299", "lib/299");
        }

        @Test
        void command_line_of_many_pages_is_not_truncated() throws Exception {
            List<String> words =
                    words("-cp ^/lib/*", "-Dlong=" + "x".repeat(100_000), "probe.Probe", "start");
            IntStream.range(0, 3000).mapToObj(i -> "an argument, and it is number " + i).forEach(words::add);
            assertHandedOver(words);
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', value = {"-jar ^/lib/probe.jar begin x y | -jar CWD/lib/probe.jar",
            "@CWD/arguments begin x | @CWD/arguments",
            "@CWD/whole y | -cp CWD/lib/* -Dx=a_word probe.Probe"})
        void daemon_has_the_arguments_of_its_launcher(String form, String kept)
                throws Exception {
            probe.variable("LC_ALL", "C");
            assertStarts(given(words(form)));
            List<String> expected = new ArrayList<>(words(kept, "start", "its own", "\u00c3\u00a9", ""));
            expected.replaceAll(word -> word.equals("-Dx=a_word") ? "-Dx=a word" : word);
            assertThat(probe.daemon().commandLine()).isEqualTo(expected);
        }

        @ParameterizedTest
        @ValueSource(strings = {"^/probed", "./probed"})
        void script_with_java_in_its_first_line_is_a_source_file(String name) throws Exception {
            Path script = Path.of(cwd, "probed");
            String source = Files.readString(Path.of(cwd, "source/probe/Probe.java"));
            Files.writeString(script, "#!" + JAVA + " --source 25\n" + source.replace("package probe;", ""));
            probe.shell("chmod +x probed");
            probe.variable("JDK_JAVA_OPTIONS",
                    "-Dprobe.directory=" + directory + " " + ALLOW + "ALL-UNNAMED");
            probe.variable("CLASSPATH", "lib/daemon-steps.jar");
            String typed = name.replace("^", cwd);
            List<String> given = List.of(JAVA, "--source 25", typed, "start", "x");
            assertStarts(given.subList(2, 5));
            assertThat(probe.launcher().commandLine()).isEqualTo(given);
            assertThat(probe.daemon().commandLine()).containsExactly(JAVA, "--source", "25",
                    name.startsWith("^") ? typed : cwd + "/" + typed, "start", "x");
            assertThat(probe.daemon().environment()).contains("CLASSPATH=" + cwd + "/lib/daemon-steps.jar");
        }

        /** The script starts a java with a relative name. */
        @Test
        void image_of_jlink_is_started_by_its_script() throws Exception {
            Path image = common.resolve("image");
            assumeTrue(canLink(), "this JDK has no jmods, and cannot link from its own image");
            tool("jlink", "--module-path", common.resolve("lib").toString(), "--add-modules", "probe",
                    "--launcher", "probed=probe/probe.Probe", "--output", image.toString(),
                    "--add-options=" + ALLOW + "io.github.daemonsteps -Din.the.image=yes");
            Files.createSymbolicLink(Path.of(cwd, "image"), image);
            probe.variable("JAVA_TOOL_OPTIONS", "-Dprobe.directory=" + directory);
            assertStarts(List.of("image/bin/probed", "start", "an argument"));
            assertThat(probe.launcher().commandLine()).containsExactly("image/bin/java", "-m",
                    "probe/probe.Probe", "start", "an argument");
            assertThat(probe.daemon().commandLine()).isEqualTo(probe.launcher().commandLine());
            assertThat(withoutHandshake(probe.daemon().environment()))
                    .isEqualTo(probe.launcher().environment());
            assertThat(untouched(probe.daemon().properties()))
                    .isEqualTo(untouched(probe.launcher().properties())).containsEntry("in.the.image", "yes");
        }

        private static boolean canLink() throws Exception {
            Path jmods = Path.of(System.getProperty("java.home"), "jmods");
            return Files.isDirectory(jmods) || Command
                    .run(ChildJvm.java().resolveSibling("jlink").toString(), "-J-Duser.language=en", "--help")
                    .output().contains("Linking from run-time image enabled");
        }

        @Test
        void options_for_the_daemon_reach_it_alone() throws Exception {
            String option = "-Xlog:gc+init:file=" + directory + "/gc-%p";
            List<String> words = words("-Dprobe.jvmOption=" + option + " -cp ^/lib/* probe.Probe", "start");
            List<String> expected = absolute(words);
            expected = new ArrayList<>(expected);
            expected.add(1, option);
            assertHandedOver(given(words), expected);
            assertThat(probe.files("gc-")).containsExactly("gc-" + probe.daemonPid());
        }
    }

    @Nested
    class Bytes {

        private static final List<String> ODD =
                List.of("\u00c3\u00a9", "\u00ff", "", "two  words", "new\nline\n",
                        "'\"\\$", "@no-file", "-cp", "lib/*", "", "\u00c3");

        @ParameterizedTest
        @ValueSource(strings = {"C", "C.UTF-8"})
        void arguments_and_variables_and_properties_keep_their_bytes(String locale) throws Exception {
            probe.variable("LC_ALL", locale);
            probe.variable("ODD", String.join("|", ODD));
            probe.variable("EMPTY", "");
            List<String> words =
                    words("-cp ^/lib/*", "-Dodd=" + String.join("|", ODD), "probe.Probe", "start");
            words.addAll(ODD);
            assertHandedOver(words);
            assertThat(probe.daemon().commandLine()).endsWith(ODD.toArray(String[]::new));
            assertThat(probe.daemon().environment()).contains("ODD=" + String.join("|", ODD), "EMPTY=");
        }

        @Test
        void directory_with_unusual_name_is_passed() throws Exception {
            String name = "a b'\u00c3\u00a9=*";
            cwd = cwd + "/" + name;
            String quoted = "'a b'\\''\u00c3\u00a9=*'";
            probe.variable("LC_ALL", "C.UTF-8");
            probe.shell("mkdir " + quoted + "; ln -s \"$PWD/lib\" " + quoted + "; cd " + quoted);
            List<String> words = words("-cp ^/lib/probe.jar:^/lib/daemon-steps.jar probe.Probe", "start");
            assertStarts(given(words));
            assertThat(probe.daemon().commandLine()).isEqualTo(absolute(words));
        }
    }

    @Nested
    class Refusals {

        private static final String RELATIVE =
                " is relative, and the daemon starts in /: give it as an absolute path";
        private static final String TWICE = " would act in the launcher and again in the daemon: ";

        private void assertRefused(String form, String reason) throws Exception {
            probe.start(given(words(form, "start", "an argument")));
            probe.output();
            assertThat(probe.status()).as(() -> "exit status, " + all()).isEqualTo(1);
            assertThat(probe.errors()).singleElement().asString().startsWith("probe: not started: ")
                    .contains(reason.replace("CWD", cwd));
            assertNothingStarted();
        }

        private void assertNothingStarted() throws IOException {
            assertThat(probe.left()).isEmpty();
            assertThat(probe.files("probe.")).as("pid file and log").isEmpty();
            assertThat(probe.files("main-")).containsExactly("main-" + probe.launcherPid());
            assertThat(probe.files("worker-")).isEmpty();
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "@relative | \"-cp\" \"lib/*\" in \"@relative\": \"lib/*\"",
            "@CWD/relative | \"-cp\" \"lib/*\" in \"@CWD/relative\": \"lib/*\"",
            "-Xlog:gc:file=gc-%p -cp lib/* probe.Probe | \"-Xlog:gc:file=gc-%p\": \"gc-%p\"",
            "-XX:HeapDumpPath=dump -cp CWD/lib/* probe.Probe | \"-XX:HeapDumpPath=dump\": \"dump\"",
            "-Djava.library.path=native -jar CWD/lib/probe.jar | \"-Djava.library.path=native\": \"native\"",
            "-Dprobe.jvmOption=-Xlog:gc:file=gc.log -jar CWD/lib/probe.jar "
                    + "| \"-Xlog:gc:file=gc.log\" among the daemon's JVM options: \"gc.log\""})
        void relative_path_in_an_option_is_refused(String form, String reason) throws Exception {
            assertRefused(form, reason + RELATIVE);
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "JAVA_TOOL_OPTIONS | -javaagent:lib/probe.jar=x | \"-javaagent:lib/probe.jar=x\"",
            "_JAVA_OPTIONS | -XX:ErrorFile=crash | \"-XX:ErrorFile=crash\"",
            "JDK_JAVA_OPTIONS | -cp lib/* | \"-cp\" \"lib/*\""})
        void relative_path_in_a_variable_is_refused(String variable, String value, String option)
                throws Exception {
            probe.variable(variable, value);
            assertRefused(variable.equals("JDK_JAVA_OPTIONS") ? "probe.Probe" : "-jar CWD/lib/probe.jar",
                    option + " in " + variable + ": ");
        }

        @Test
        void directory_name_with_separator_is_refused() throws Exception {
            probe.shell("mkdir a:b; ln -s \"$PWD/lib\" a:b; cd a:b");
            assertRefused("-cp lib/* probe.Probe", "has a character that would end a path there");
        }

        @ParameterizedTest
        @ValueSource(strings = {"-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=PORT",
            "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:PORT",
            "-Dcom.sun.management.jmxremote.port=PORT"})
        void port_of_the_launcher_is_refused(String option) throws Exception {
            String withPort = option.replace("PORT", Integer.toString(FreePort.find()));
            String more = option.contains("jmxremote")
                    ? " -Dcom.sun.management.jmxremote.authenticate=false"
                            + " -Dcom.sun.management.jmxremote.ssl=false"
                    : "";
            assertRefused(withPort + more + " -jar lib/probe.jar", "\"" + withPort + "\"" + TWICE
                    + "the launcher already listens on its port: give it to the daemon only, with");
        }

        @ParameterizedTest
        @ValueSource(strings = {"-XX:StartFlightRecording=filename=CWD/recorded.jfr",
            "-Xlog:gc:file=CWD/gc.log"})
        void file_that_both_would_write_is_refused(String option) throws Exception {
            assertRefused(option + " -jar lib/probe.jar", "\"" + option + "\"" + TWICE
                    + "the launcher writes that file too");
        }

        @Test
        void program_among_the_options_for_the_daemon_is_refused() throws Exception {
            assertRefused("-Dprobe.jvmOption=Other -jar lib/probe.jar",
                    "the daemon's JVM options are not only options: \"Other\"");
        }
    }

    /** A process is the daemon only if the variable is for this very process. */
    @Nested
    class Handshakes {

        /**
         * {@code $pid} and {@code $start} are those of the process, {@code $inode} that of its standard
         * output.
         */
        private void handshake(String value) {
            probe.shell("pid=$$; read -r stat </proc/$$/stat; set -- ${stat##*) }; start=${20}");
            probe.shell("inode=$(stat -L -c %i /proc/$$/fd/1); exec 8>&1 9>plain");
            probe.shell("export " + Handshake.VARIABLE + "=\"" + value + ":0:/\"");
        }

        @Test
        void process_of_the_handshake_is_the_daemon() throws Exception {
            handshake("$pid:$start:8:$inode");
            probe.start(given(words("-cp lib/* probe.Probe", "start")));
            assertThat(probe.line()).isEqualTo("READY ");
            assertThat(probe.files("worker-")).containsExactly("worker-" + probe.launcherPid());
        }

        @ParameterizedTest
        @ValueSource(strings = {"forged", "$((pid + 1)):$start:8:$inode", "$pid:$((start + 1)):8:$inode",
            "$pid:$start:8:$((inode + 1))", "$pid:$start:1:$inode", "$pid:$start:9:$inode",
            "$pid:$start:77:$inode"})
        void other_process_is_a_launcher(String forged) throws Exception {
            handshake(forged);
            assertStarts(given(words("-cp lib/* probe.Probe", "start")));
            assertThat(probe.daemonPid()).isNotEqualTo(probe.launcherPid());
            assertThat(probe.daemon().environment()).filteredOn(entry -> entry.startsWith(Handshake.VARIABLE))
                    .singleElement().asString()
                    .startsWith(Handshake.VARIABLE + "=" + probe.daemonPid() + ":");
        }

        @Test
        void child_of_daemon_is_a_launcher() throws Exception {
            List<String> words = words("-Dprobe.child=true -cp lib/* probe.Probe", "start");
            assertStarts(given(words));
            assertThat(probe.files("main-")).hasSize(3);
            assertThat(Files.readAllLines(directory.resolve("child")))
                    .containsExactly("probe: is being started already, pid " + probe.daemonPid());
            assertThat(probe.log()).contains("the child's status: 0")
                    .contains("this process is the daemon: start and restart must run in another process");
        }
    }

    /** A launcher in an unusual state, which its daemon does not inherit. */
    @Nested
    class Traps {

        private void start(String form) throws Exception {
            assertStarts(given(words(form, "start")));
        }

        @Test
        void open_file_limit_is_the_configured_one() throws Exception {
            probe.shell("ulimit -S -n 333");
            start("-Dprobe.openFiles=222 -Dprobe.jvmOption=-XX:-MaxFDLimit -jar lib/probe.jar");
            assertThat(probe.launcher().openFiles()).as("raised by the launcher's JVM").isNotEqualTo("333");
            assertThat(probe.daemon().openFiles()).isEqualTo("222");
        }

        @Test
        void open_file_limit_is_inherited_by_default() throws Exception {
            probe.shell("ulimit -S -n 333");
            start("-XX:-MaxFDLimit -jar lib/probe.jar");
            assertThat(probe.launcher().openFiles()).isEqualTo("333");
            assertThat(probe.daemon().openFiles()).isEqualTo("333");
        }

        @ParameterizedTest
        @ValueSource(strings = {"CHLD", "HUP,INT,QUIT,TERM,CHLD,PIPE,USR1,TSTP,TTOU"})
        void signals_ignored_by_the_launcher_are_not_ignored(String signals) throws Exception {
            probe.through("env --ignore-signal=" + signals);
            start("-jar lib/probe.jar");
            assertThat(Long.bitCount(probe.launcher().signals("SigIgn"))).isPositive();
            assertThat(ProbeRun.signalsOfAllThreads(probe.daemonPid(), "SigIgn")).isZero();
            assertEndsByTerm();
        }

        @Test
        void signals_blocked_by_the_launcher_are_not_blocked() throws Exception {
            probe.through("env --block-signal");
            start("-jar lib/probe.jar");
            assertThat(probe.launcher().signals("SigBlk") & bit(Signal.SIGTERM)).isNotZero();
            // HotSpot blocks SIGQUIT in some of its threads.
            assertThat(ProbeRun.signalsOfAllThreads(probe.daemonPid(), "SigBlk") & ~bit(Signal.SIGQUIT))
                    .isZero();
            assertEndsByTerm();
        }

        private static long bit(Signal signal) {
            return 1L << (signal.number() - 1);
        }

        private void assertEndsByTerm() throws IOException {
            int pid = probe.daemonPid();
            Processes.signal(pid, Signal.SIGTERM);
            Processes.awaitEnd(pid);
        }

        @ParameterizedTest
        @ValueSource(strings = {"<&-", ">&-", "2>&-", "<&- >&- 2>&-"})
        void standard_descriptors_missing_in_the_launcher_are_open(String closed) throws Exception {
            probe.redirected(closed);
            start("-jar lib/probe.jar");
            Map<Integer, String> descriptors = ProcessState.of(probe.daemonPid()).fds();
            String log = directory.resolve("probe.log").toString();
            assertThat(descriptors).containsEntry(0, "/dev/null").containsEntry(1, log).containsEntry(2, log);
        }
    }
}
