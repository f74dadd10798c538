package io.github.daemonsteps.jvm;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.daemonsteps.posix.CString;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JvmCommandLineTest {

    /** The JVM that is started again. A character is a byte, as in {@link Latin1}. */
    private static final class Jvm {

        private final List<String> arguments = new ArrayList<>(List.of("java"));
        private final List<String> environment = new ArrayList<>(List.of("HOME=/root"));
        private final List<String> jvmOptions = new ArrayList<>();
        private final List<String> launcherOptions = new ArrayList<>();
        private final Map<String, String> files = new HashMap<>();
        private String directory = "/cwd";
        private String executable = "/jdk/bin/java";

        Jvm in(String newDirectory) {
            directory = newDirectory;
            return this;
        }

        Jvm running(String newExecutable) {
            executable = newExecutable;
            return this;
        }

        Jvm with(String entry) {
            environment.add(entry);
            return this;
        }

        Jvm file(String path, String content) {
            files.put(path, content);
            return this;
        }

        Jvm forDaemon(String... options) {
            jvmOptions.addAll(List.of(options));
            return this;
        }

        Jvm forLauncher(String... options) {
            launcherOptions.addAll(List.of(options));
            return this;
        }

        JvmCommandLine again() {
            var running = new RunningJvm(bytes(executable), cStrings(arguments), bytes(directory),
                    cStrings(environment));
            return JvmCommandLine.forRelaunch(running, cStrings(jvmOptions), cStrings(launcherOptions),
                    this::read);
        }

        private byte[] read(CString path) throws IOException {
            String content = files.get(Latin1.of(path));
            if (content == null) {
                throw new NoSuchFileException(path.toString());
            }
            return content.getBytes(ISO_8859_1);
        }

        List<String> arguments() {
            return texts(again().arguments());
        }

        /** The message, which is one line. */
        String refusal() {
            RelaunchException refusal = catchThrowableOfType(RelaunchException.class, this::again);
            assertThat(refusal).as("a refusal").isNotNull();
            return assertThat(refusal.getMessage()).doesNotContain("\n").actual();
        }
    }

    private static Jvm java(String... arguments) {
        var jvm = new Jvm();
        jvm.arguments.addAll(List.of(arguments));
        return jvm;
    }

    private static void assertRelative(Jvm jvm, String option, String path) {
        assertThat(jvm.refusal()).isEqualTo(
                option + ": \"" + path
                        + "\" is relative, and the daemon starts in /: give it as an absolute path");
    }

    @Nested
    class Paths {

        @ParameterizedTest
        @ValueSource(strings = {"-cp", "-classpath", "--class-path"})
        void class_path_becomes_absolute(String option) {
            assertThat(java(option, "a.jar:/b.jar:lib/*:*::\u00ff", "Main", "x").arguments()).containsExactly(
                    "java",
                    option, "/cwd/a.jar:/b.jar:/cwd/lib/*:/cwd/*:/cwd:/cwd/\u00ff", "Main", "x");
        }

        @ParameterizedTest
        @ValueSource(strings = {"--class-path=", "-Djava.class.path="})
        void class_path_within_the_argument_becomes_absolute(String option) {
            assertThat(java(option + "a:", "Main").arguments()).containsExactly("java",
                    option + "/cwd/a:/cwd",
                    "Main");
        }

        @Test
        void empty_class_path_is_the_working_directory_without_a_module() {
            assertThat(java("-cp", "", "Main").arguments()).containsExactly("java", "-cp", "/cwd", "Main");
            assertThat(java("-cp", "", "-m", "m").arguments()).containsExactly("java", "-cp", "", "-m", "m");
        }

        @Test
        void missing_class_path_is_the_working_directory() {
            assertThat(java("-Xint", "Main").arguments()).containsExactly("java", "-cp", "/cwd", "-Xint",
                    "Main");
            assertThat(java("--source", "25", "/x").arguments()).containsExactly("java", "-cp", "/cwd",
                    "--source",
                    "25", "/x");
            assertThat(java("-m", "m/c").arguments()).containsExactly("java", "-m", "m/c");
            assertThat(java("-jar", "/x.jar").arguments()).containsExactly("java", "-jar", "/x.jar");
        }

        @Test
        void root_directory_gets_no_second_slash() {
            assertThat(java("-cp", "a:", "Main").in("/").arguments()).contains("/a:/");
        }

        @ParameterizedTest
        @ValueSource(strings = {"-p", "--module-path", "--upgrade-module-path"})
        void module_path_becomes_absolute(String option) {
            assertThat(java(option, ":a::/b:", "-m", "m").arguments()).containsExactly("java", option,
                    "/cwd:/cwd/a:/cwd:/b:", "-m", "m");
        }

        @ParameterizedTest
        @ValueSource(strings = {"--module-path=", "--upgrade-module-path="})
        void module_path_within_the_argument_becomes_absolute(String option) {
            assertThat(java(option + "a:\u00ff", "-m", "m").arguments()).containsExactly("java",
                    option + "/cwd/a:/cwd/\u00ff", "-m", "m");
        }

        @Test
        void module_patch_becomes_absolute() {
            assertThat(java("--patch-module", "m=a:/b", "--patch-module=n=c", "-m", "m").arguments())
                    .containsExactly("java", "--patch-module", "m=/cwd/a:/b", "--patch-module=n=/cwd/c", "-m",
                            "m");
        }

        @Test
        void jar_becomes_absolute_at_any_place() {
            assertThat(java("-jar", "a.jar", "b.jar").arguments()).containsExactly("java", "-jar",
                    "/cwd/a.jar",
                    "b.jar");
            assertThat(java("-jar", "-Dx=y", "--add-modules", "m", "\u00ff.jar").arguments())
                    .containsExactly("java", "-jar", "-Dx=y", "--add-modules", "m", "/cwd/\u00ff.jar");
        }

        @Test
        void agents_and_boot_class_path_become_absolute() {
            assertThat(
                    java("-javaagent:a.jar=x=y", "-agentpath:lib.so", "-Xbootclasspath/a:b:c:", "-jar", "/x")
                            .arguments())
                    .containsExactly("java", "-javaagent:/cwd/a.jar=x=y", "-agentpath:/cwd/lib.so",
                            "-Xbootclasspath/a:/cwd/b:/cwd/c:", "-jar", "/x");
        }

        @Test
        void working_directory_may_be_any_bytes_but_those_that_end_a_path() {
            assertThat(java("Main").in("/\u00ff ").arguments()).containsExactly("java", "-cp", "/\u00ff ",
                    "Main");
            assertThat(java("-cp", "a", "Main").in("/x:y").refusal()).isEqualTo("\"-cp\" \"a\": its paths are"
                    + " relative, and the working directory, \"/x:y\", has a character that would end a path"
                    + " there");
            assertThat(java("Main").in("/x:y").refusal()).contains("/x:y");
            assertThat(java("-javaagent:a.jar", "-jar", "b.jar").in("/x=y").refusal()).contains("/x=y");
            assertThat(java("-jar", "b.jar").in("/x:y=z").arguments()).contains("/x:y=z/b.jar");
        }

        @ParameterizedTest
        @ValueSource(strings = {"-XX:AOTCache=", "-XX:AllocateHeapAt=", "-XX:CompileCommandFile=",
            "-XX:CompilerDirectivesFile=", "-XX:ErrorFile=", "-XX:ExtraSharedClassListFile=", "-XX:Flags=",
            "-XX:HeapDumpPath=", "-XX:InlineDataFile=", "-XX:PauseAtStartupFile=", "-XX:ReplayDataFile=",
            "-XX:SharedArchiveConfigFile=", "-XX:SharedArchiveFile=", "-XX:SharedClassListFile=",
            "-XX:VMOptionsFile=", "-XX:StartFlightRecording:settings=", "-XX:StartFlightRecording=settings=",
            "-XX:FlightRecorderOptions:repository=", "-XX:FlightRecorderOptions=dumppath=", "-splash:",
            "-Djava.library.path=", "-Djava.io.tmpdir=", "-Djava.util.logging.config.file=",
            "-Djava.util.prefs.systemRoot=", "-Djava.util.prefs.userRoot=", "-Djava.security.krb5.conf=",
            "-Djava.security.auth.login.config=", "-Djava.security.properties=", "-Djava.xml.config.file=",
            "-Djdk.net.hosts.file=", "-Djdk.net.unixdomain.tmpdir=", "-Djavax.net.ssl.keyStore=",
            "-Djavax.net.ssl.trustStore=", "-Dcom.sun.management.config.file=",
            "-Dcom.sun.management.jmxremote.access.file=", "-Dcom.sun.management.jmxremote.password.file=",
            "-Dcom.sun.management.jmxremote.ssl.config.file=", "-Xlog:gc:file=%p", "-Xloggc:%p",
            "-XX:StartFlightRecording:filename=%p", "-XX:ArchiveClassesAtExit=%p", "-XX:AOTCacheOutput=%p",
            "-XX:AOTConfiguration=%p", "-XX:DumpLoadedClassList=%p", "-XX:LogFile=%p",
            "-XX:PerfDataSaveFile=%p"})
        void relative_path_in_another_option_is_refused(String option) {
            String path = option.endsWith("%p") ? "%px" : "x";
            assertRelative(java(option + "x", "-jar", "/x.jar"), "\"" + option + "x\"", path);
            String absolute = option.endsWith("%p") ? option.replace("%p", "/%p") : option + "/x";
            if (!option.contains("VMOptionsFile")) {
                assertThat(java(absolute, "-jar", "/x.jar").arguments()).containsExactly("java", absolute,
                        "-jar",
                        "/x.jar");
            }
        }

        @Test
        void vm_takes_a_colon_before_the_equals_sign() {
            assertRelative(java("-XX:ErrorFile:=x", "Main"), "\"-XX:ErrorFile:=x\"", "x");
            assertThat(java("-XX:LogFile:=/x", "Main").refusal()).contains("\"-XX:LogFile:=/x\" would act");
        }

        @Test
        void second_of_two_archives_is_checked_too() {
            assertRelative(java("-XX:SharedArchiveFile=/a:b", "Main"), "\"-XX:SharedArchiveFile=/a:b\"", "b");
        }

        @Test
        void source_file_with_relative_path_becomes_absolute() {
            Jvm jvm = java("-cp", "lib/a.jar", "Main.java", "start", "Main.java");
            assertThat(jvm.arguments()).containsExactly("java", "-cp", "/cwd/lib/a.jar", "/cwd/Main.java",
                    "start",
                    "Main.java");
            assertThat(jvm.again().programArguments()).isEqualTo(4);
            assertThat(texts(jvm.again().withProgramArguments(List.of()).arguments())).containsExactly("java",
                    "-cp",
                    "/cwd/lib/a.jar", "/cwd/Main.java");
            assertThat(java("./x/Main.java").arguments()).containsExactly("java", "-cp", "/cwd",
                    "/cwd/./x/Main.java");
            assertThat(java("--source", "25", "main").arguments()).contains("25", "/cwd/main");
            assertThat(java("--source=25", "main").arguments()).contains("--source=25", "/cwd/main");
            assertThat(java("--source 25", "./main").arguments()).contains("25", "/cwd/./main");
            assertThat(java("/Main.java", "x").again().programArguments()).isEqualTo(4);
        }

        @Test
        void source_file_with_relative_path_in_argument_file_is_refused() {
            assertRelative(java("@/args").file("/args", "-cp /a.jar Main.java"),
                    "the source file \"Main.java\" in \"@/args\"", "Main.java");
        }

        @Test
        void bytes_that_are_not_text_are_escaped() {
            assertThat(java("-XX:ErrorFile=\u00ff", "Main").refusal()).contains("\"\\xff\" is relative");
        }

        @Test
        void argument_that_is_not_a_jvm_option_is_kept() {
            assertThat(java("-cp", "/", "Main", "-XX:ErrorFile=x", "-cp", "x", "@x").arguments())
                    .containsExactly("java", "-cp", "/", "Main", "-XX:ErrorFile=x", "-cp", "x", "@x");
        }
    }

    @Nested
    class ProgramArguments {

        private int index(String... arguments) {
            return java(arguments).again().programArguments();
        }

        @Test
        void arguments_begin_after_the_program() {
            assertThat(index("-cp", "/", "Main", "x")).isEqualTo(4);
            assertThat(index("-cp", "/", "Main")).isEqualTo(4);
            assertThat(index("-jar", "/a.jar", "x")).isEqualTo(3);
            assertThat(index("-m", "m/c", "x")).isEqualTo(3);
            assertThat(index("--module", "m/c", "x")).isEqualTo(3);
            assertThat(index("--module=m/c", "x")).isEqualTo(2);
        }

        @Test
        void arguments_move_after_an_inserted_class_path() {
            assertThat(index("Main", "x")).isEqualTo(4);
        }

        @ParameterizedTest
        @ValueSource(strings = {"--add-modules", "--limit-modules", "--enable-native-access", "--add-exports",
            "--add-opens", "--add-reads"})
        void option_with_value_takes_the_next_argument(String option) {
            assertThat(index("-cp", "/", option, "a", "Main", "x")).isEqualTo(6);
            assertThat(index("-cp", "/", option + "=a", "Main", "x")).isEqualTo(5);
        }

        @ParameterizedTest
        @ValueSource(strings = {"--illegal-native-access=deny", "--finalization=disabled", "-ea", "-Xint",
            "--enable-preview", "-showversion", "-Dx", "-verbose:gc",
            "--sun-misc-unsafe-memory-access=allow"})
        void option_without_value_takes_no_argument(String option) {
            assertThat(index("-cp", "/", option, "Main", "x")).isEqualTo(5);
        }

        @Test
        void arguments_can_be_replaced() {
            JvmCommandLine other = java("-cp", "a", "Main", "x", "y").again()
                    .withProgramArguments(cStrings(List.of("\u00ff")));
            assertThat(texts(other.arguments())).containsExactly("java", "-cp", "/cwd/a", "Main", "\u00ff");
            assertThat(other.programArguments()).isEqualTo(4);
        }

        @Test
        void first_line_of_a_script_is_one_argument() {
            Jvm script = java("--source 25 -Xint", "/bin/script", "x");
            assertThat(script.arguments()).containsExactly("java", "-cp", "/cwd", "--source", "25", "-Xint",
                    "/bin/script", "x");
            assertThat(script.again().programArguments()).isEqualTo(7);
        }

        @Test
        void command_line_without_a_program_is_refused() {
            assertThat(java("-Xint").refusal()).contains("names no class");
            assertThat(java("-m").refusal()).contains("names no class");
        }
    }

    @Nested
    class ArgumentFiles {

        @Test
        void argument_file_stays_in_its_place() {
            Jvm jvm = java("@/args", "x").file("/args", "-cp /a.jar Main");
            assertThat(jvm.arguments()).containsExactly("java", "@/args", "x");
            assertThat(jvm.again().programArguments()).isEqualTo(2);
            assertThat(texts(jvm.again().withProgramArguments(List.of()).arguments())).containsExactly("java",
                    "@/args");
        }

        @Test
        void argument_file_may_have_any_name() {
            assertThat(java("@/\u00ff", "Main").file("/\u00ff", "-cp /\u00fe").arguments())
                    .containsExactly("java", "@/\u00ff", "Main");
        }

        @Test
        void argument_file_with_relative_path_becomes_absolute() {
            assertThat(java("@args", "x").file("/cwd/args", "-cp /a.jar Main").arguments())
                    .containsExactly("java", "@/cwd/args", "x");
            Jvm jvm = java("-Xint", "@\u00ff/../args", "x").file("/cwd/\u00ff/../args", "-cp /a Main y");
            assertThat(jvm.arguments()).containsExactly("java", "-Xint", "@/cwd/\u00ff/../args", "x");
            assertThat(texts(jvm.again().withProgramArguments(List.of()).arguments())).containsExactly("java",
                    "-Xint", "-cp", "/a", "Main");
        }

        @Test
        void missing_argument_file_is_reported_as_given() {
            assertThat(java("@args").refusal()).startsWith("\"@args\" cannot be read again: ")
                    .contains("/cwd/args");
        }

        @Test
        void relative_path_in_argument_file_is_refused() {
            assertRelative(java("@/args").file("/args", "-cp a.jar Main"), "\"-cp\" \"a.jar\" in \"@/args\"",
                    "a.jar");
            assertRelative(java("@/args").file("/args", "-jar a.jar"), "\"-jar\" \"a.jar\" in \"@/args\"",
                    "a.jar");
            assertRelative(java("@/args").file("/args", "-Djava.io.tmpdir=tmp Main"),
                    "\"-Djava.io.tmpdir=tmp\" in \"@/args\"", "tmp");
        }

        @Test
        void option_in_argument_file_may_have_its_value_after_the_file() {
            assertThat(java("@/args", "a.jar", "Main").file("/args", "-cp").arguments()).containsExactly(
                    "java",
                    "@/args", "/cwd/a.jar", "Main");
            assertThat(java("-jar", "@/args").file("/args", "/a.jar").again().programArguments())
                    .isEqualTo(3);
        }

        @Test
        void default_class_path_applies_to_a_class_in_an_argument_file() {
            assertThat(java("@/args").file("/args", "Main").arguments()).containsExactly("java", "-cp",
                    "/cwd",
                    "@/args");
        }

        @Test
        void program_arguments_in_argument_file_are_replaced() {
            Jvm jvm = java("-Xint", "@/args", "x").file("/args", "-cp /a @b y @z");
            assertThat(jvm.arguments()).containsExactly("java", "-Xint", "@/args", "x");
            JvmCommandLine other = jvm.again().withProgramArguments(cStrings(List.of("n")));
            assertThat(texts(other.arguments())).containsExactly("java", "-Xint", "-cp", "/a", "@@b", "n");
            assertThat(other.programArguments()).isEqualTo(5);
        }

        @Test
        void nested_late_or_disabled_argument_file_is_not_read() {
            assertThat(java("@/args", "@y").file("/args", "-cp / @x").again().programArguments())
                    .isEqualTo(2);
            assertThat(java("--disable-@files", "-cp", "/", "@y", "x").again().programArguments())
                    .isEqualTo(5);
            assertThat(
                    java("@/args", "@y").file("/args", "-cp / --disable-@files").again().programArguments())
                    .isEqualTo(3);
            assertThat(java("-cp", "/", "@@y", "x").arguments()).containsExactly("java", "-cp", "/", "@@y",
                    "x");
            assertThat(java("-cp", "/", "@", "x").again().programArguments()).isEqualTo(4);
        }

        @Test
        void removed_argument_file_is_reported() {
            assertThat(java("@/args").refusal()).startsWith("\"@/args\" cannot be read again: ")
                    .contains("/args");
        }
    }

    @Nested
    class Environment {

        @Test
        void variable_stays_unchanged() {
            Jvm jvm = java("Main").with("\u00ff=\u00fe").with("no equals sign");
            assertThat(texts(jvm.again().environment())).containsExactly("HOME=/root", "\u00ff=\u00fe",
                    "no equals sign");
        }

        @Test
        void effective_class_path_variable_becomes_absolute() {
            Jvm jvm = java("Main").with("CLASSPATH=a:/b:\u00ff/*:");
            assertThat(texts(jvm.again().environment())).containsExactly("HOME=/root",
                    "CLASSPATH=/cwd/a:/b:/cwd/\u00ff/*:/cwd");
            assertThat(jvm.arguments()).containsExactly("java", "Main");
            assertThat(texts(java("-m", "m").with("CLASSPATH=a").again().environment()))
                    .contains("CLASSPATH=/cwd/a");
        }

        @Test
        void empty_class_path_variable_is_the_working_directory_without_a_module() {
            assertThat(texts(java("Main").with("CLASSPATH=").again().environment()))
                    .contains("CLASSPATH=/cwd");
            assertThat(texts(java("-m", "m").with("CLASSPATH=").again().environment()))
                    .contains("CLASSPATH=");
        }

        @Test
        void ineffective_class_path_variable_stays() {
            assertThat(texts(java("-cp", "x", "Main").with("CLASSPATH=a").again().environment()))
                    .contains("CLASSPATH=a");
            assertThat(texts(java("-jar", "x").with("CLASSPATH=a").again().environment()))
                    .contains("CLASSPATH=a");
        }

        @ParameterizedTest
        @ValueSource(strings = {"JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS"})
        void relative_path_in_a_variable_of_options_is_refused(String variable) {
            assertRelative(java("-jar", "/x").with(variable + "=-Xint '-XX:ErrorFile=a b'"),
                    "\"-XX:ErrorFile=a b\" in " + variable, "a b");
            assertRelative(java("-jar", "/x").with(variable + "=-javaagent:a.jar"),
                    "\"-javaagent:a.jar\" in " + variable, "a.jar");
        }

        @ParameterizedTest
        @ValueSource(strings = {"JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS"})
        void conflicting_option_in_a_variable_is_refused(String variable) {
            assertThat(java("-jar", "/x")
                    .with(variable + "=-agentlib:jdwp=transport=dt_socket,server=y,address=5005").refusal())
                    .contains("in " + variable + " would act");
        }

        @Test
        void options_of_launcher_variable_apply_with_their_files() {
            assertThat(java("Main").with("JDK_JAVA_OPTIONS=@/args").file("/args", "-cp /a").arguments())
                    .containsExactly("java", "Main");
            assertThat(java("Main").with("JDK_JAVA_OPTIONS=@/args").file("/args", "-cp a").refusal())
                    .startsWith("\"-cp\" \"a\" in \"@/args\": ");
            assertThat(java("Main").with("JDK_JAVA_OPTIONS=@args").refusal())
                    .startsWith("\"@args\" in JDK_JAVA_OPTIONS: ");
            assertThat(java("a", "Main", "x").with("JDK_JAVA_OPTIONS=-cp").arguments()).containsExactly(
                    "java",
                    "/cwd/a", "Main", "x");
            JvmCommandLine other = java("Main", "x").with("JDK_JAVA_OPTIONS=-Xint").again()
                    .withProgramArguments(List.of());
            assertThat(texts(other.arguments())).containsExactly("java", "-cp", "/cwd", "Main");
        }

        @Test
        void vm_options_file_applies_with_its_content() {
            assertThat(java("-XX:VMOptionsFile=/o", "-jar", "/x").file("/o", "-Xint\n-Xmx9m").arguments())
                    .containsExactly("java", "-XX:VMOptionsFile=/o", "-jar", "/x");
            assertRelative(java("-XX:VMOptionsFile=/o", "-jar", "/x").file("/o", "-Xint -XX:HeapDumpPath=d"),
                    "\"-XX:HeapDumpPath=d\" in \"-XX:VMOptionsFile=/o\"", "d");
            assertThat(java("-jar", "/x").with("JAVA_TOOL_OPTIONS=-XX:VMOptionsFile=/o")
                    .file("/o", "-Xloggc:/x").refusal())
                    .contains("\"-Xloggc:/x\" in \"-XX:VMOptionsFile=/o\"");
            assertThat(java("-XX:VMOptionsFile=/o", "-jar", "/x").refusal()).contains("cannot be read again");
        }
    }

    @Nested
    class OptionsThatActTwice {

        @ParameterizedTest
        @ValueSource(strings = {"-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=5005",
            "-agentlib:jdwp=transport=dt_socket,address=*:5005,server=y",
            "-agentlib:jdwp=transport=dt_socket",
            "-agentlib:jdwp=transport=dt_socket,address=host:5005",
            "-agentlib:jdwp=transport=dt_socket,server=n,address=5005",
            "-Xrunjdwp:transport=dt_socket,server=y,address=5005", "-Xrunjdwp:address=5005",
            "-Dcom.sun.management.jmxremote.port=9999", "-Dcom.sun.management.jmxremote.rmi.port=9999",
            "-Dcom.sun.management.jmxremote.local.port=9999", "-Xlog:gc:/gc.log", "-Xlog:gc:file=/gc.log::",
            "-Xlog:gc:file=/gc-%t-%hn.log", "-Xloggc:/gc.log", "-XX:StartFlightRecording=filename=/x.jfr",
            "-XX:StartFlightRecording:settings=/%p.jfc,filename=/x.jfr", "-XX:ArchiveClassesAtExit=/x.jsa",
            "-XX:AOTCacheOutput=/x.aot", "-XX:AOTConfiguration=/x.conf", "-XX:DumpLoadedClassList=/x.lst",
            "-XX:LogFile=/x.log", "-XX:PerfDataSaveFile=/x"})
        void conflicting_option_is_refused(String option) {
            assertThat(java(option, "-jar", "/x").refusal())
                    .startsWith("\"" + option + "\" would act in the launcher and again in the daemon: the ")
                    .endsWith(": give it to the daemon only, with jvmOptions(...), or start the program with"
                            + " daemon-steps start -- java ...");
            assertThat(java("@/args").file("/args", option + " -jar /x").refusal()).contains("in \"@/args\"");
            assertThat(java("-jar", "/x").forDaemon(option).arguments()).containsExactly("java", option,
                    "-jar",
                    "/x");
        }

        @ParameterizedTest
        @ValueSource(strings = {"-agentlib:jdwp=transport=dt_socket,server=y,suspend=n",
            "-agentlib:jdwp=transport=dt_socket,server=y,address=0",
            "-agentlib:jdwp=transport=dt_socket,server=y,address=localhost:0",
            "-Xrunjdwp:transport=dt_socket,server=y,address=*:0", "-Xdebug", "-agentlib:other=address=5005",
            "-Dcom.sun.management.jmxremote", "-Dcom.sun.management.jmxremote.port=0",
            "-Dcom.sun.management.jmxremote.rmi.port=0", "-Xlog", "-Xlog:gc", "-Xlog:gc:stderr",
            "-Xlog:gc:file=/gc-%p.log", "-Xloggc:/gc-%p.log", "-XX:StartFlightRecording",
            "-XX:StartFlightRecording=settings=/x.jfc", "-XX:StartFlightRecording:filename=/%p.jfr",
            "-XX:ErrorFile=/x", "-XX:HeapDumpPath=/x", "-XX:FlightRecorderOptions:repository=/x",
            "-XX:DumpLoadedClassList=/x%p", "-XX:+RecordDynamicDumpInfo", "-XX:AOTCache=/x",
            "-javaagent:/x.jar=port=1", "-agentpath:/x.so"})
        void harmless_option_is_kept(String option) {
            assertThat(java(option, "-jar", "/x").arguments()).containsExactly("java", option, "-jar", "/x");
        }
    }

    @Nested
    class OptionsForTheDaemonOnly {

        @Test
        void daemon_options_come_first() {
            Jvm jvm = java("-cp", "/", "Main", "x").forDaemon("-Xmx9m", "--add-opens", "a/b=c");
            assertThat(jvm.arguments()).containsExactly("java", "-Xmx9m", "--add-opens", "a/b=c", "-cp", "/",
                    "Main",
                    "x");
            assertThat(jvm.again().programArguments()).isEqualTo(7);
            assertThat(texts(jvm.again().withProgramArguments(List.of()).arguments())).containsExactly("java",
                    "-Xmx9m", "--add-opens", "a/b=c", "-cp", "/", "Main");
        }

        @Test
        void relative_path_in_daemon_options_is_refused() {
            assertRelative(java("Main").forDaemon("-XX:ErrorFile=x"),
                    "\"-XX:ErrorFile=x\" among the daemon's JVM options", "x");
            assertRelative(java("Main").forDaemon("-cp", "x"), "\"-cp\" \"x\" among the daemon's JVM options",
                    "x");
        }

        @Test
        void daemon_options_may_have_the_class_path() {
            assertThat(java("Main").forDaemon("-cp", "/x").arguments()).containsExactly("java", "-cp", "/x",
                    "Main");
        }

        @Test
        void daemon_options_are_complete_options() {
            assertThat(java("Main").forDaemon("Other").refusal())
                    .isEqualTo("the daemon's JVM options are not only options: \"Other\"");
            assertThat(java("Main").forDaemon("-jar").refusal())
                    .contains("not only options: \"-jar\" \"Main\"");
            assertThat(java("Main").forDaemon("-m", "m").refusal()).contains("not only options: \"m\"");
            assertThat(java("Main", "x").forDaemon("-cp").refusal())
                    .contains("not only options: \"-cp\" \"Main\"");
        }

        @Test
        void launcher_other_than_java_takes_no_daemon_options() {
            assertThat(java().running("/opt/app/bin/app").forDaemon("-Xint").refusal())
                    .contains("\"/opt/app/bin/app\", which is not the java launcher");
        }
    }

    @Nested
    class OptionsForTheLauncherOnly {

        @Test
        void launcher_option_is_left_out() {
            Jvm jvm =
                    java("-Xint", "-ea", "-Xint", "-cp", "x", "Main", "-Xint").forLauncher("-Xint", "-Xmx9m");
            assertThat(jvm.arguments()).containsExactly("java", "-ea", "-cp", "/cwd/x", "Main", "-Xint");
            assertThat(jvm.again().programArguments()).isEqualTo(5);
            assertThat(texts(jvm.again().withProgramArguments(List.of(bytes("y"))).arguments()))
                    .containsExactly("java", "-ea", "-cp", "/cwd/x", "Main", "y");
        }

        @Test
        void option_that_differs_is_kept() {
            assertThat(java("-Xmx8m", "-jar", "/x").forLauncher("-Xmx9m", "-jar").arguments())
                    .containsExactly("java", "-Xmx8m", "-jar", "/x");
        }

        @Test
        void launcher_option_does_not_act_twice() {
            assertThat(java("-Xlog:gc:/gc.log", "-XX:ErrorFile=e", "-jar", "/x")
                    .forLauncher("-Xlog:gc:/gc.log", "-XX:ErrorFile=e").arguments())
                    .containsExactly("java", "-jar", "/x");
        }

        @Test
        void launcher_option_in_a_file_or_a_variable_is_kept() {
            assertThat(java("@/args").file("/args", "-Xint -jar /x").forLauncher("-Xint").arguments())
                    .containsExactly("java", "@/args");
            assertThat(java("-jar", "/x").with("JDK_JAVA_OPTIONS=-Xint").forLauncher("-Xint").again()
                    .environment()).contains(bytes("JDK_JAVA_OPTIONS=-Xint"));
        }

        @Test
        void daemon_may_have_the_option_of_the_launcher_again() {
            assertThat(java("-Xint", "-jar", "/x").forLauncher("-Xint").forDaemon("-Xint").arguments())
                    .containsExactly("java", "-Xint", "-jar", "/x");
        }
    }

    @Nested
    class AnotherLauncherThanJava {

        @Test
        void arguments_of_another_launcher_belong_to_the_program() {
            Jvm jvm = java("-cp", "x", "@y").running("/opt/app/bin/app").with("CLASSPATH=x")
                    .with("JDK_JAVA_OPTIONS=-cp x");
            assertThat(jvm.arguments()).containsExactly("java", "-cp", "x", "@y");
            assertThat(jvm.again().programArguments()).isEqualTo(1);
            assertThat(texts(jvm.again().environment())).contains("CLASSPATH=x");
            assertThat(texts(jvm.again().withProgramArguments(cStrings(List.of("z"))).arguments()))
                    .containsExactly("java", "z");
        }

        @Test
        void variables_of_every_jvm_apply() {
            assertThat(java().running("/opt/app/bin/app").with("JAVA_TOOL_OPTIONS=-XX:ErrorFile=x").refusal())
                    .contains("in JAVA_TOOL_OPTIONS");
        }
    }

    @Test
    void jvm_has_a_name_and_an_absolute_directory() {
        assertThatIllegalArgumentException().isThrownBy(() -> java("Main").in("cwd").again())
                .withMessageContaining("\"cwd\"");
        var none = new Jvm();
        none.arguments.clear();
        assertThatIllegalArgumentException().isThrownBy(none::again);
    }

    private static CString bytes(String text) {
        return CString.ofBytes(text.getBytes(ISO_8859_1));
    }

    private static List<CString> cStrings(List<String> texts) {
        return texts.stream().map(JvmCommandLineTest::bytes).toList();
    }

    private static List<String> texts(List<CString> strings) {
        return strings.stream().map(Latin1::of).toList();
    }
}
