package io.github.daemonsteps.posix;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A call that was made, for people to read.
 *
 * @param function the C function's name
 * @param arguments its arguments as C would have them, such as {@code "/"} in quotes or {@code
 *        O_RDWR|O_CLOEXEC}
 * @param result what it returned, such as {@code 0} or {@code 0022}
 * @param errno why it failed, or null if it did not
 */
public record PosixCall(String function, List<String> arguments, String result, @Nullable Errno errno) {

    /** Keeps an unmodifiable copy of the arguments. */
    public PosixCall {
        arguments = List.copyOf(arguments);
    }

    /** The call without its result: {@code chdir("/")}. */
    public String text() {
        return function + "(" + String.join(", ", arguments) + ")";
    }

    /**
     * Call and result, as strace(1) writes them: {@code chdir("/nope") = -1 ENOENT (No such file or
     * directory)}.
     */
    @Override
    public String toString() {
        return text() + " = " + result + (errno == null ? "" : " " + errno);
    }
}
