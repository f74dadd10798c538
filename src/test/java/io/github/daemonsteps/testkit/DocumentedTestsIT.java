package io.github.daemonsteps.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.testing.ChildJvm;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tests of docs/testing.md, copied by a reader, compile and pass: on the class path and in a module. */
class DocumentedTestsIT {

    private static final Path BASE = ChildJvm.baseDirectory();
    private static final Pattern JAVA_BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern TYPE =
            Pattern.compile("^(?:final )?(?:class|record) (\\w+)", Pattern.MULTILINE);

    @TempDir
    private Path directory;

    private final List<Path> sources = new ArrayList<>();
    private final List<String> tests = new ArrayList<>();
    private String prefix = "";

    @BeforeEach
    void make_the_directory_readable() throws Exception {
        Files.setPosixFilePermissions(directory,
                java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void write(String code) throws Exception {
        var type = TYPE.matcher(code);
        assertThat(type.find()).as(code).isTrue();
        String name = type.group(1);
        String inPackage = prefix.isEmpty() ? code : "package " + prefix + ";\n\n" + code;
        sources.add(Files.writeString(directory.resolve(name + ".java"), inPackage));
        if (name.endsWith("Test")) {
            tests.add(prefix.isEmpty() ? name : prefix + "." + name);
        }
    }

    private void writeAll() throws Exception {
        for (var block : JAVA_BLOCK.matcher(Files.readString(BASE.resolve("docs/testing.md"))).results()
                .toList()) {
            write(block.group(1));
        }
        write(Files.readString(BASE.resolve("src/it/consumer/consumer/Niceness.java"))
                .replace("package consumer;\n\n", ""));
        String runner = Files.readString(BASE.resolve("src/it/testing/RunTests.java"));
        sources.add(Files.writeString(directory.resolve("RunTests.java"),
                prefix.isEmpty() ? runner : "package " + prefix + ";\n\n" + runner));
        assertThat(tests).hasSize(5);
    }

    /** Returns the jars that a reader has: the library, the test kit and their dependencies. */
    private static String jars() {
        return Stream.concat(
                Stream.of(BASE.resolve("target/daemon-steps.jar"),
                        BASE.resolve("target/daemon-steps-testkit.jar")),
                Stream.of((System.getProperty("java.class.path") + File.pathSeparator
                        + System.getProperty("jdk.module.path", "")).split(File.pathSeparator))
                        .map(Path::of)
                        .filter(path -> path.toString().matches(
                                ".*/(junit|assertj|opentest4j|apiguardian|byte-buddy|jspecify|open-test-reporting)[^/]*\\.jar")))
                .map(Path::toString).distinct().reduce((first, second) -> first + File.pathSeparator + second)
                .orElseThrow();
    }

    private void javac(String... options) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(ChildJvm.java().resolveSibling("javac").toString(), "-proc:none",
                        "-d", directory.resolve("classes").toString()));
        command.addAll(List.of(options));
        sources.forEach(source -> command.add(source.toString()));
        try (var javac = ChildJvm.start(new ProcessBuilder(command))) {
            assertThat(javac.rest()).isEmpty();
            assertThat(javac.status()).isZero();
        }
    }

    private void run(String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(ChildJvm.java().toString(), "-XX:+UseSerialGC"));
        command.addAll(List.of(options));
        command.addAll(tests);
        try (var jvm = ChildJvm.start(new ProcessBuilder(command).directory(directory.toFile()))) {
            List<String> lines = jvm.rest();
            assertThat(jvm.status()).as("%s", String.join("\n", lines)).isZero();
            assertThat(lines).as("no warning").noneMatch(line -> line.startsWith("WARNING"));
            assertThat(Integer.parseInt(lines.getLast().replace("passed: ", ""))).isGreaterThan(15);
        }
    }

    @Test
    void tests_of_the_document_pass_on_the_class_path() throws Exception {
        writeAll();
        javac("-cp", jars());
        run("--enable-native-access=ALL-UNNAMED", "--illegal-native-access=deny", "-cp",
                directory.resolve("classes") + File.pathSeparator + jars(), "RunTests");
    }

    @Test
    void tests_of_the_document_pass_in_a_module() throws Exception {
        prefix = "reader";
        writeAll();
        sources.add(Files.writeString(directory.resolve("module-info.java"), """
                open module reader {
                    requires io.github.daemonsteps.testkit;
                    requires org.junit.jupiter.params;
                    requires org.junit.platform.launcher;
                }
                """));
        javac("-p", jars());
        run("--enable-native-access=io.github.daemonsteps,io.github.daemonsteps.testkit",
                "--illegal-native-access=deny", "-p",
                directory.resolve("classes") + File.pathSeparator + jars(),
                "--add-modules", "org.junit.jupiter.engine", "-m", "reader/reader.RunTests");
    }
}
