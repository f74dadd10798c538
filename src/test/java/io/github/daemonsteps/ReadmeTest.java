package io.github.daemonsteps;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The statements of README.md on the code: its examples compile, as those of docs/java.md do, its commands exist, and its
 * output is that of the command.
 */
class ReadmeTest {

    private static final Path BASE = ChildJvm.baseDirectory();
    private static final String TEXT = read(BASE.resolve("README.md"));
    private static final String LIBRARY_PAGE = read(BASE.resolve("docs/java.md"));

    private static final Pattern JAVA_BLOCK =
            Pattern.compile("^```java\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern MODULE = Pattern.compile("^module [\\w.]+ \\{", Pattern.MULTILINE);
    private static final Pattern TYPE =
            Pattern.compile("^(?:public |final )*(?:class|record|enum|interface) (\\w+)", Pattern.MULTILINE);
    private static final Pattern IMPORT = Pattern.compile("^import .*;\n", Pattern.MULTILINE);
    private static final Pattern COMMAND = Pattern.compile("\\./daemon-steps((?: [-\\w./]+)*)");
    private static final Pattern TITLE = Pattern.compile("^\\d ([A-Z_]+) +(.*)\n +(.*)$", Pattern.MULTILINE);

    @TempDir
    private Path directory;

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException unreadable) {
            throw new java.io.UncheckedIOException(unreadable);
        }
    }

    private static Stream<MatchResult> matches(Pattern pattern, String text) {
        return pattern.matcher(text).results();
    }

    /**
     * Typed as root, another example would show the daemon's directory, which is {@code /}, to the network.
     */
    @Test
    void web_server_of_an_example_serves_its_own_directory_on_loopback() throws IOException {
        int servers = 0;
        for (String name : List.of("README.md", "docs/daemon-steps.8",
                "src/main/java/io/github/daemonsteps/cli/Help.java")) {
            String text = read(BASE.resolve(name)).replace("\\-", "-").replaceAll("\\\\e?\n *", "");
            for (String line : text.lines().filter(each -> each.contains("http.server ")).toList()) {
                assertThat(line).as(name).contains("--bind 127.0.0.1", "--directory ");
                servers++;
            }
        }
        assertThat(servers).isGreaterThan(4);
    }

    static List<String> examples() {
        return matches(JAVA_BLOCK, TEXT + LIBRARY_PAGE).map(block -> block.group(1)).toList();
    }

    /**
     * A block that declares a module is a module-info.java, one that declares a type is a file of that name.
     * Any other one is statements: the imports that it begins with stay where they are, and the rest becomes
     * the body of a method.
     */
    @ParameterizedTest
    @MethodSource("examples")
    void each_java_example_compiles(String example) throws Exception {
        var type = TYPE.matcher(example);
        if (MODULE.matcher(example).find()) {
            compile("module-info", example, "--module-path", classes());
        } else if (type.find()) {
            compile(type.group(1), example, "--class-path", testPath());
        } else {
            String imports = matches(IMPORT, example).map(MatchResult::group).collect(Collectors.joining());
            String statements = IMPORT.matcher(example).replaceAll("");
            compile("Example",
                    imports + "class Example { void example() throws Exception {\n" + statements + "} }",
                    "--class-path", testPath());
        }
    }

    static List<Path> benchmarks() throws IOException {
        try (Stream<Path> files = Files.list(BASE.resolve("bench"))) {
            return files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("benchmarks")
    void benchmark_compiles(Path benchmark) throws Exception {
        String name = benchmark.getFileName().toString().replace(".java", "");
        // A benchmark measures java.lang.foreign itself, whose methods are restricted.
        compile(name, read(benchmark), "-Xlint:-restricted", "--class-path", testPath());
    }

    @Test
    void readme_has_examples_of_each_kind() {
        assertThat(examples()).hasSizeGreaterThanOrEqualTo(4)
                .anyMatch(example -> MODULE.matcher(example).find())
                .anyMatch(example -> example.contains("run.execve("))
                .anyMatch(example -> example.contains("@Test"))
                .anyMatch(example -> example.contains(".run(process)"));
    }

    @Test
    void own_step_of_readme_is_that_of_the_consumer_module() {
        String ofConsumer = read(BASE.resolve("src/it/consumer/consumer/Niceness.java"));
        assertThat(examples()).contains(ofConsumer.replace("package consumer;\n\n", ""));
    }

    private static String classes() {
        return BASE.resolve("target/classes").toString();
    }

    /** The library, and the class path of the tests. */
    private static String testPath() {
        return classes() + ":" + System.getProperty("jdk.module.path", "") + ":"
                + System.getProperty("java.class.path");
    }

    private void compile(String name, String source, String... path) throws Exception {
        Path file = Files.writeString(directory.resolve(name + ".java"), source);
        List<String> command = new ArrayList<>(List.of(ChildJvm.java().resolveSibling("javac").toString(),
                "-Xlint:all,-path,-requires-automatic,-classfile", "-Werror", "-proc:none", "--release", "25",
                "-d",
                directory.resolve("classes").toString()));
        command.addAll(List.of(path));
        command.add(file.toString());
        try (var javac = ChildJvm.start(new ProcessBuilder(command))) {
            assertThat(javac.rest()).as(source).isEmpty();
            assertThat(javac.status()).as(source).isZero();
        }
    }

    @Test
    void commands_of_readme_exist_with_their_options() throws Exception {
        Map<String, List<String>> optionsOfSubcommands = new TreeMap<>();
        List<String> shown = new ArrayList<>();
        for (MatchResult command : matches(COMMAND, TEXT).toList()) {
            String subcommand = "";
            for (String word : command.group(1).trim().split(" ")) {
                if (word.equals("--")) {
                    break; // the command of the user follows
                } else if (word.startsWith("--")) {
                    if (!optionsOfSubcommands.containsKey(subcommand)) {
                        optionsOfSubcommands.put(subcommand, firstWords(help(subcommand)));
                    }
                    assertThat(optionsOfSubcommands.get(subcommand)).as("options of '%s'", subcommand)
                            .contains(word);
                } else if (subcommand.isEmpty()) {
                    subcommand = word;
                    shown.add(subcommand);
                }
            }
        }
        List<String> subcommands = firstWords(
                help("").stream().takeWhile(line -> !line.startsWith("Options")).toList());
        assertThat(subcommands).contains("demo");
        assertThat(shown).as("subcommands").hasSameElementsAs(subcommands);
    }

    /** The lines of the help, each of which describes a subcommand or an option. */
    private static List<String> firstWords(List<String> help) {
        return help.stream().filter(line -> line.startsWith("  ")).map(line -> line.trim().split(" ")[0])
                .toList();
    }

    private static List<String> help(String subcommand) throws Exception {
        String[] words = subcommand.isEmpty() ? new String[]{"--help"} : new String[]{subcommand, "--help"};
        try (var jvm = ChildJvm.start(Class.forName("io.github.daemonsteps.cli.Main"), words)) {
            List<String> help = jvm.rest();
            assertThat(jvm.status()).as(help.toString()).isZero();
            return help;
        }
    }

    @Test
    void output_in_readme_has_the_texts_of_the_steps() {
        List<MatchResult> titles = matches(TITLE, TEXT).toList();
        assertThat(titles).isNotEmpty().allSatisfy(title -> {
            var name = new StepName(title.group(1));
            assertThat(DaemonSteps.classic().plan()).filteredOn(step -> step.step().equals(name))
                    .singleElement().satisfies(step -> {
                        assertThat(title.group(2)).isEqualTo(step.description());
                        assertThat(title.group(3)).isEqualTo(step.rationale());
                    });
        });
    }

    @Test
    void table_of_readme_has_the_seven_steps_in_order() {
        List<String> rows = matches(Pattern.compile("^\\| (\\d) `(\\w+)` \\|", Pattern.MULTILINE), TEXT)
                .map(row -> row.group(1) + " " + row.group(2)).toList();
        List<String> steps = new ArrayList<>();
        for (var step : DaemonSteps.classic().plan()) {
            steps.add(steps.size() + 1 + " " + step.step());
        }
        assertThat(rows).isEqualTo(steps);
    }
}
