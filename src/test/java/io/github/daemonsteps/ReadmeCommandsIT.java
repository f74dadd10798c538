package io.github.daemonsteps;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.testing.Checkout;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Sandbox;
import io.github.daemonsteps.testing.Sandbox.Run;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The blocks of commands in README.md, typed from top to bottom, by the user who runs the tests and by an ordinary user. */
class ReadmeCommandsIT {

    private static final Path BASE = ChildJvm.baseDirectory();

    /** Lines that begin with four blanks, one after the other. */
    private static final Pattern BLOCK = Pattern.compile("(?:^ {4}\\S.*\n)+", Pattern.MULTILINE);

    private static final Pattern JAVA = Pattern.compile("^```java\n(.*?)^```$",
            Pattern.MULTILINE | Pattern.DOTALL);

    private static final int NOBODY = 65534;

    @TempDir
    private Path directory;

    private Sandbox sandbox;
    private Path checkout;

    /** A checkout that is built, where each user can read it. */
    @BeforeEach
    void copyCheckout() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        checkout = Files.createDirectory(directory.resolve("checkout"));
        Checkout.built(checkout);
        Files.createDirectory(checkout.resolve("hello"));
        sandbox = new Sandbox(checkout).with("PATH", ChildJvm.java().getParent() + ":/usr/bin:/bin");
        List<String> examples =
                JAVA.matcher(readme()).results().map(example -> example.group(1)).toList();
        write("hello/module-info.java", examples, "module com.example {");
        write("hello/Hello.java", examples, "public class Hello {");
    }

    private static String readme() throws IOException {
        return Files.readString(BASE.resolve("README.md"));
    }

    private void write(String name, List<String> examples, String part) throws IOException {
        String example = examples.stream().filter(text -> text.contains(part)).findFirst().orElseThrow();
        Files.writeString(checkout.resolve(name), example);
    }

    @AfterEach
    void nothing_is_left() throws Exception {
        List<Integer> left = sandbox.left();
        sandbox.close();
        assertThat(left).isEmpty();
    }

    private static Stream<String> blocks(String command) throws IOException {
        return BLOCK.matcher(readme()).results().map(MatchResult::group)
                .filter(block -> block.contains(command));
    }

    /** Types a block line by line; each line must succeed. */
    private Run type(String block) throws Exception {
        String free;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = Integer.toString(socket.getLocalPort());
        }
        String commands = "set -e\n" + block.replace(" 8000 ", " " + free + " ");
        return sandbox.run(List.of("/bin/sh", "-c", commands));
    }

    private void asOrdinaryUser() throws Exception {
        if (NativePosix.get().getuid() == 0) {
            Path home = Files.createDirectory(directory.resolve("home"));
            for (Path path : List.of(home, checkout, checkout.resolve("target"))) {
                Files.setAttribute(path, "unix:uid", NOBODY);
            }
            sandbox.with("HOME", home.toString()).by("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY,
                    "--clear-groups");
        }
    }

    /** The default files of root, in a mount namespace of its own: nothing of this machine changes. */
    private void withDirectoriesOfRoot() throws Exception {
        if (NativePosix.get().getuid() == 0) {
            List<String> prefix = List.of("unshare", "--mount", "/bin/sh", "-c",
                    "mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /var/log && exec \"$@\"", "sh");
            sandbox.by(prefix.toArray(String[]::new));
            Run probe = sandbox.run(List.of("true"));
            Assumptions.assumeTrue(probe.status() == 0, "this system does not let it mount: " + probe);
        }
    }

    private void typeThoseForEachUser() throws Exception {
        for (String command : List.of("http.server 8000 --bind 127.0.0.1 --directory $HOME", "trap date HUP",
                "./daemon-steps trace --umask", "$hello start")) {
            List<String> blocks = blocks(command).toList();
            assertThat(blocks).as(command).hasSize(1);
            Run run = type(blocks.getFirst());
            assertThat(run.status()).as("%s%n%s", blocks.getFirst(), run).isZero();
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
        List<String> blocks = blocks("--user nobody").toList();
        assertThat(blocks).hasSize(1);
        Run run = type(blocks.getFirst());
        assertThat(run.status()).as("%s", run).isZero();
    }

    @Test
    void no_server_of_an_example_listens_to_the_network() throws IOException {
        assertThat(readme().lines().filter(line -> line.contains("http.server")))
                .isNotEmpty().allMatch(line -> line.contains("--bind 127.0.0.1 --directory "));
    }
}
