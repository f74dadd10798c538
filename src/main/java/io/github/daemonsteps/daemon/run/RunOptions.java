package io.github.daemonsteps.daemon.run;

import io.github.daemonsteps.ffm.Platform;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.text.AsciiNumber;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The options of {@code run}, which come before the application's own arguments. Each may be given once: a
 * repetition is an argument of the application.
 *
 * @param noPidFile whether no pid file is acquired
 * @param notificationFd the descriptor for the newline of a process that is ready; null for none
 * @param arguments the application's own arguments
 * @param problem why the options cannot be used, as an error message; null if they can
 */
record RunOptions(boolean noPidFile, @Nullable NotificationFd notificationFd, List<String> arguments,
        @Nullable String problem) {

    /** The option to run without a pid file. */
    static final String NO_PID_FILE = "--no-pid-file";

    /** Parses the arguments of {@code run}. */
    static RunOptions parse(List<String> words) {
        boolean noPidFile = false;
        NotificationFd fd = null;
        List<String> rest = words;
        while (!rest.isEmpty()) {
            if (!noPidFile && rest.getFirst().equals(NO_PID_FILE)) {
                noPidFile = true;
                rest = rest.subList(1, rest.size());
            } else if (fd == null && rest.getFirst().equals(NotificationFd.OPTION)) {
                if (rest.size() == 1) {
                    return failed(": the descriptor is missing; give the one that the supervisor has opened");
                }
                String text = rest.get(1);
                try {
                    fd = new NotificationFd(AsciiNumber.parseInt(text));
                } catch (NumberFormatException e) {
                    return failed(
                            " " + CString.of(text).quoted() + ": not a descriptor; give a number above 2");
                }
                Optional<String> problem = Platform.unsupported() == null
                        ? fd.problem()
                        : Optional.ofNullable(Platform.unsupported());
                if (problem.isPresent()) {
                    return failed(" " + CString.of(text).quoted() + ": " + problem.get());
                }
                rest = rest.subList(2, rest.size());
            } else {
                break;
            }
        }
        return new RunOptions(noPidFile, fd, rest, null);
    }

    private static RunOptions failed(String problem) {
        return new RunOptions(false, null, List.of(), NotificationFd.OPTION + problem);
    }
}
