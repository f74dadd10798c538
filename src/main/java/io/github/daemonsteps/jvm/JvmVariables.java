package io.github.daemonsteps.jvm;

import java.util.List;
import java.util.stream.Stream;

/**
 * The environment variables from which a JVM and its launcher read options.
 *
 * @see <a href="https://docs.oracle.com/en/java/javase/25/docs/specs/man/java.html">java(1)</a>
 */
public final class JvmVariables {

    /** The variable that the launcher reads. */
    static final String LAUNCHER = "JDK_JAVA_OPTIONS";

    /** The variables that the JVM reads. */
    static final List<String> VM = List.of("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS");

    /** The variable with the default class path. */
    static final String CLASS_PATH = "CLASSPATH";

    /** All of these variables. */
    public static final List<String> ALL =
            Stream.concat(Stream.of(CLASS_PATH, LAUNCHER), VM.stream()).toList();

    private JvmVariables() {
    }
}
