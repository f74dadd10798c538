package io.github.daemonsteps.supervisors;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The application of docs/supervisors.md, built by the commands of the page. All users can read its jars.
 */
final class HelloJar {

    /** The section of the page. */
    static final String SECTION = "The application of this page";

    /** The directory of the jars in the page. */
    static final String DIRECTORY = "/opt/hello";

    /** The command of the image that the Dockerfile of the page names. */
    static final String JAVA_OF_IMAGE = "/opt/java/openjdk/bin/java";

    /** The port of the page. */
    static final String PORT = "8000";

    /** For short runs: the optimizing compiler would cost more than it brings. */
    static final String OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

    private final Path directory;

    private HelloJar(Path directory) {
        this.directory = directory;
    }

    /** Builds the application in this directory, which is empty. */
    static HelloJar build(Path directory) {
        try {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.copy(Path.of(System.getProperty("daemonsteps.jar")), directory.resolve("daemon-steps.jar"));
            Files.writeString(directory.resolve("Hello.java"),
                    SupervisorsPage.file(SECTION, "Hello.java"));
            String lines = SupervisorsPage.commands(SECTION).getFirst().lines();
            Command build = Command.run("/bin/sh", "-ec", "umask 022; cd '" + directory + "'; PATH='"
                    + ChildJvm.java().getParent() + "':$PATH\n" + lines);
            assertThat(build.status()).as("%s", build).isZero();
            assertThat(build.output()).isEmpty();
            return new HelloJar(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the directory with the jars. */
    Path directory() {
        return directory;
    }

    /**
     * Returns an example of the page with the JDK of the tests, these jars and this port.
     *
     * @param files the directory of the pid file and the log
     */
    String adapt(String example, Path files, int port) {
        String java = ChildJvm.java() + " -Ddaemonsteps.directory=" + files + " " + OPTIONS;
        return example.replace("/usr/bin/java", java).replace(JAVA_OF_IMAGE, java)
                .replace(DIRECTORY, directory.toString())
                .replace(PORT, Integer.toString(port));
    }
}
