package io.github.daemonsteps.posix;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A completed call, in a form for people to read.
 *
 * @param function the name of the C function
 * @param arguments the arguments as in C, such as {@code "/"} in quotes or {@code O_RDWR|O_CLOEXEC}
 * @param result the value that the call returned, such as {@code 0} or {@code 0022}
 * @param errno the reason for the failure, or null if the call succeeded
 */
public record PosixCall(String function, List<String> arguments, String result, @Nullable Errno errno) {

    /** Keeps an unmodifiable copy of the arguments. */
    public PosixCall {
        arguments = List.copyOf(arguments);
    }

    /** Returns the call without its result: {@code chdir("/")}. */
    public String text() {
        return function + "(" + String.join(", ", arguments) + ")";
    }

    /**
     * Returns the call and its result, in the format of strace(1):
     * {@code chdir("/nope") = -1 ENOENT (No such file or directory)}.
     */
    @Override
    public String toString() {
        return text() + " = " + result + (errno == null ? "" : " " + errno);
    }
}
