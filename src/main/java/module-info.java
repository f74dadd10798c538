import org.jspecify.annotations.NullMarked;

/**
 * Turns a program into a proper Unix daemon by the classic seven steps, through {@link java.lang.foreign}
 * alone.
 *
 * <p>The module calls native code: start the JVM with {@code --enable-native-access=io.github.daemonsteps}.
 */
@NullMarked module io.github.daemonsteps {
    requires jdk.unsupported;
    requires static org.jspecify;

    exports io.github.daemonsteps;
    exports io.github.daemonsteps.daemon;
    exports io.github.daemonsteps.posix;
    exports io.github.daemonsteps.process;
    exports io.github.daemonsteps.steps;
    exports io.github.daemonsteps.steps.extra;
}
