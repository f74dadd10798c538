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
 * would report these JVMs as left after the first test.
 */
abstract class HostileFixture {

    @TempDir
    private static Path shared;

    private static Starters starters;

    @Parameter(0)
    private Starter starter;

    @TempDir
    private Path directory;

    private HostileDirectory ground;

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

    Starters starters() {
        return starters;
    }

    Starter starter() {
        return starter;
    }

    /** Returns the directory that contains {@link #ground}. */
    Path directory() {
        return directory;
    }

    HostileDirectory ground() {
        return ground;
    }
}
