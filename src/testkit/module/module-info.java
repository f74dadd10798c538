import org.jspecify.annotations.NullMarked;

/**
 * Tests of daemons, step by step, with JUnit Jupiter and AssertJ.
 *
 * <p>The module calls native code for terminals and for processes that a test has left: start the JVM of
 * the tests with {@code --enable-native-access=io.github.daemonsteps,io.github.daemonsteps.testkit}.
 */
@NullMarked module io.github.daemonsteps.testkit {
    requires transitive io.github.daemonsteps;
    requires transitive org.assertj.core;
    requires transitive org.junit.jupiter.api;
    requires static org.jspecify;

    exports io.github.daemonsteps.testkit;
    opens io.github.daemonsteps.testkit to org.junit.platform.commons;
}
