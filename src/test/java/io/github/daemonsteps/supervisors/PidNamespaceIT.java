package io.github.daemonsteps.supervisors;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The section of docs/supervisors.md about containers: the entry point is process 1 of a pid namespace. */
@Daemons
class PidNamespaceIT {

    private static List<String> words(String dockerfile, String instruction) {
        var line = Pattern.compile("^" + instruction + " \\[(.*)]$", Pattern.MULTILINE).matcher(dockerfile);
        assertThat(line.find()).as(instruction).isTrue();
        return Stream.of(line.group(1).split(", ")).map(word -> word.replace("\"", ""))
                .flatMap(word -> Stream.of(word.split(" "))).toList();
    }

    @Test
    void entry_point_of_the_page_as_process_1_answers_reloads_and_stops(Launcher launcher,
            TestDirectory directory) throws Exception {
        var example = new Supervised("Docker and Kubernetes", launcher, directory.path(), Map.of());
        String dockerfile = example.adapt(SupervisorsPage.file("Docker and Kubernetes", "Dockerfile"));
        List<String> command = new ArrayList<>(List.of(Tool.need("unshare")));
        command.addAll(NativePosix.get().getuid() == 0 ? List.of() : List.of("--user", "--map-root-user"));
        command.addAll(List.of("--pid", "--mount-proc", "--fork", "--kill-child"));
        CommandResult probe =
                example.runner().run(Stream.concat(command.stream(), Stream.of("true")).toList());
        Assumptions.assumeTrue(probe.status() == 0, "no pid namespace can be made here: " + probe);
        command.addAll(words(dockerfile, "ENTRYPOINT"));
        command.addAll(words(dockerfile, "CMD"));
        Process container = example.supervisor(command.toArray(String[]::new));
        try {
            Await.until(() -> example.log().contains("hello: ready: "), example::log);
            int first = Processes.children((int) container.pid()).iterator().next();
            assertThat(Files.readString(Path.of("/proc", Integer.toString(first), "status")))
                    .containsPattern("NSpid:\\s+" + first + "\\s+1\n");
            assertThat(example.get("/")).isEqualTo("hello, 0 reloads\n");
            Processes.signal(first, Signal.SIGHUP);
            Await.until(() -> example.get("/").equals("hello, 1 reloads\n"), example::log);
            Processes.signal(first, Signal.SIGTERM);
            assertThat(container.waitFor(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(container.exitValue()).as(example.log()).isZero();
        } finally {
            container.destroyForcibly().waitFor();
        }
    }
}
