package io.github.daemonsteps;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.testing.Checkout;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.FreePort;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The blocks of commands in README.md, typed by the user who runs the tests and by an ordinary user. Each block succeeds, and
 * prints what stands below it.
 */
@Daemons
@Timeout(300)
class ReadmeCommandsIT {

    private static final Path BASE = ChildJvm.baseDirectory();

    /** Lines that begin with four blanks, one after the other, and the box of output that follows them. */
    private static final Pattern BLOCK = Pattern.compile(
            "(?<commands>(?:^ {4}.*\\S\n)+)(?:\n```text\n(?<output>(?:(?!```).*\n)*)```\n)?",
            Pattern.MULTILINE);

    private static final Pattern JAVA = Pattern.compile("^```java\n(.*?)^```$",
            Pattern.MULTILINE | Pattern.DOTALL);

    private static final int NOBODY = 65534;

    private Path directory;
    private CommandRunner runner;
    private Path checkout;
    private Path home;

    /** A checkout that is built, where each user can read it. */
    @BeforeEach
    void copyCheckout(Launcher launcher, TestDirectory testDirectory) throws IOException {
        directory = testDirectory.path();
        checkout = Files.createDirectory(directory.resolve("checkout"));
        home = checkout;
        Checkout.built(checkout);
        runner = new CommandRunner(launcher, checkout).with("PATH",
                ChildJvm.java().getParent() + ":/usr/bin:/bin");
        String greeting = JAVA.matcher(readme()).results().map(example -> example.group(1))
                .filter(example -> example.contains("public class Greeting {")).findFirst().orElseThrow();
        Files.writeString(checkout.resolve("Greeting.java"), greeting);
    }

    private static String readme() throws IOException {
        return Files.readString(BASE.resolve("README.md"));
    }

    /** Types the block with a command line by line. Each line must succeed, and the output is that of README.md. */
    private void type(String command) throws Exception {
        List<MatchResult> blocks = BLOCK.matcher(readme()).results()
                .filter(block -> block.group("commands").contains(command)).toList();
        assertThat(blocks).as(command).hasSize(1);
        String free = Integer.toString(FreePort.find());
        String commands = blocks.getFirst().group("commands").replace(" 8000 ", " " + free + " ");
        CommandResult run = runner.run(List.of("/bin/sh", "-c", "set -e; exec 2>&1\n" + commands));
        assertThat(run.status()).as("%s%n%s", commands, run).isZero();
        String output = blocks.getFirst().group("output");
        if (output != null) {
            assertThat(general(run.out().replace(home.toString(), "/home/ada"))).as(commands)
                    .isEqualTo(general(output));
        }
    }

    /** Without what differs from one time to another, and with the default files of an ordinary user. */
    private static String general(String output) {
        return output.replaceAll("pid \\d+", "pid N").replaceAll("since \\S+,", "since T,")
                .replaceAll("127\\.0\\.0\\.1:\\d+", "127.0.0.1:N")
                .replaceAll(", and 1 other process of its group", "") // between two sleeps it has none
                .replaceAll("/run/(\\w+)\\.pid", "/home/ada/.local/state/$1/$1.pid")
                .replaceAll("/var/log/(\\w+)\\.log", "/home/ada/.local/state/$1/$1.log");
    }

    private void asOrdinaryUser() throws Exception {
        if (NativePosix.get().getuid() == 0) {
            home = Files.createDirectory(directory.resolve("home"));
            for (Path path : List.of(home, checkout, checkout.resolve("target"))) {
                Files.setAttribute(path, "unix:uid", NOBODY);
            }
            runner.with("HOME", home.toString()).by("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY,
                    "--clear-groups");
        }
    }

    /** The default files of root, in a mount namespace of its own: nothing of this machine changes. */
    private void withDirectoriesOfRoot() throws Exception {
        if (NativePosix.get().getuid() == 0) {
            List<String> prefix = List.of("unshare", "--mount", "/bin/sh", "-c",
                    "mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /var/log && exec \"$@\"", "sh");
            runner.by(prefix.toArray(String[]::new));
            CommandResult probe = runner.run(List.of("true"));
            Assumptions.assumeTrue(probe.status() == 0, "this system does not let it mount: " + probe);
        }
    }

    private void typeThoseForEachUser() throws Exception {
        for (String command : List.of("http.server 8000 --bind 127.0.0.1 --directory $HOME", "--name broken",
                "trap date HUP", "./daemon-steps run", "./daemon-steps trace --umask", "$greeting start")) {
            type(command);
        }
    }

    @Test
    void blocks_for_each_user_succeed() throws Exception {
        withDirectoriesOfRoot();
        typeThoseForEachUser();
    }

    @Test
    void blocks_for_each_user_succeed_as_an_ordinary_user() throws Exception {
        asOrdinaryUser();
        typeThoseForEachUser();
    }

    @Test
    void block_for_root_succeeds_as_root() throws Exception {
        Assumptions.assumeTrue(NativePosix.get().getuid() == 0, "only root can start it as another user");
        withDirectoriesOfRoot();
        type("--user nobody");
    }

    @Test
    void server_of_an_example_listens_on_loopback_only() throws IOException {
        assertThat(readme().lines().filter(line -> line.contains("http.server")))
                .isNotEmpty().allMatch(line -> line.contains("--bind 127.0.0.1 --directory "));
    }
}
