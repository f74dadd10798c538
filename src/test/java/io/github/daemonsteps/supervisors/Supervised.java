package io.github.daemonsteps.supervisors;

import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.FreePort;
import io.github.daemonsteps.testing.HttpAnswer;
import io.github.daemonsteps.testkit.Launcher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** An example of docs/supervisors.md in the directory of a test, with a free port. */
final class Supervised {

    /** Has the output of the supervisor and of the application. */
    private final Path log;

    private final String section;
    private final HelloJar hello;
    private final CommandRunner runner;
    private final Path directory;
    private final Map<String, String> replaced;
    private final int port;

    /**
     * Creates an example, and builds its application.
     *
     * @param replaced what stands on the page, and what takes its place
     */
    Supervised(String section, Launcher launcher, Path directory,
            Map<String, String> replaced)
            throws IOException {
        this.section = section;
        this.hello = HelloJar.build(Files.createDirectory(directory.resolve("jars")));
        this.runner = new CommandRunner(launcher, directory);
        this.directory = directory;
        this.replaced = replaced;
        this.port = FreePort.find();
        this.log = directory.resolve("supervisor.log");
    }

    /** Writes the files of the section. */
    void install() throws IOException {
        for (Map.Entry<String, String> file : SupervisorsPage.files(section).entrySet()) {
            Path path = Path.of(adapt(file.getKey()));
            Files.createDirectories(path.getParent());
            Files.writeString(path, adapt(file.getValue()));
        }
    }

    /** Returns a text of the page with the paths and the port of this test. */
    String adapt(String example) {
        String text = hello.adapt(example, directory, port);
        for (Map.Entry<String, String> each : replaced.entrySet()) {
            text = text.replace(each.getKey(), each.getValue());
        }
        return text;
    }

    /** Starts a supervisor. */
    Process supervisor(String... command) throws IOException {
        return runner.builder(List.of(command)).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile())).start();
    }

    /** Types the commands of the section. */
    void type() throws Exception {
        session().type(section);
    }

    PageSession session() {
        return new PageSession(script -> runner.run(List.of("/bin/sh", "-c", script)), this::adapt,
                this::log);
    }

    /** Returns what the supervisor and the application have printed. */
    String log() throws IOException {
        return Files.readString(log);
    }

    /** Returns the answer of the application to a request. */
    String get(String page) throws IOException {
        return HttpAnswer.get("http://127.0.0.1:" + port + page).body();
    }

    /** Returns the entry of the environment by which the processes of the test are found. */
    String tag() {
        return runner.builder(List.of()).environment().entrySet().stream()
                .filter(entry -> entry.getKey().startsWith("DAEMON_STEPS_TEST")).findFirst().orElseThrow()
                .toString();
    }

    CommandRunner runner() {
        return runner;
    }

    Path file(String name) {
        return directory.resolve(name);
    }
}
