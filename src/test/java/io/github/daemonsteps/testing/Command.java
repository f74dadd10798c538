package io.github.daemonsteps.testing;

import io.github.daemonsteps.testkit.CommandResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * An ordinary command that has run to its end.
 *
 * @param status the exit status
 * @param output the standard output and error
 */
public record Command(int status, String output) {

    /** Runs a command, no longer than {@link ChildJvm#DEADLINE}. */
    public static Command run(String... command) throws IOException, InterruptedException {
        CommandResult result = CommandResult.of(new ProcessBuilder(command).redirectErrorStream(true),
                ChildJvm.DEADLINE, StandardCharsets.ISO_8859_1);
        return new Command(result.status(), result.out());
    }
}
