package io.github.daemonsteps.daemon;

import io.github.daemonsteps.daemon.HostileDirectory.Starter;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/**
 * A {@link HostileDirectory} for each test of a class, and the starters for all of them. {@code @Daemons}
 * would report the JVMs of the starters as left after the first test.
 */
abstract class HostileFixture {

    @TempDir
    private static Path shared;

    static Starters starters;

    @Parameter(0)
    Starter starter;

    /** The directory that contains {@link #ground}. */
    @TempDir
    Path directory;

    HostileDirectory ground;

    @BeforeAll
    static void openStarters() throws Exception {
        starters = new Starters(shared);
    }

    @AfterAll
    static void closeStarters() throws Exception {
        starters.close();
    }

    @BeforeEach
    void openGround() throws Exception {
        ground = new HostileDirectory(directory, starter, starters);
    }

    @AfterEach
    void closeGround() throws Exception {
        ground.close();
    }
}
