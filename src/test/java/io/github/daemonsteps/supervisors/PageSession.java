package io.github.daemonsteps.supervisors;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.supervisors.SupervisorsPage.Commands;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testkit.CommandResult;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;

/**
 * Types the commands of a section of docs/supervisors.md, and compares their output with that of the page.
 *
 * @param shell runs the commands
 * @param adapt replaces the paths and the port of the page by those of the test
 * @param facts what a failure message shows, such as a log
 */
record PageSession(Shell shell, UnaryOperator<String> adapt, Callable<String> facts) {

    /** Runs commands. */
    interface Shell {

        /** Runs a script of sh(1). */
        CommandResult run(String script) throws Exception;
    }

    /** Types all commands of the section. */
    void type(String section) throws Exception {
        var blocks = SupervisorsPage.commands(section);
        assertThat(blocks).as(section).isNotEmpty();
        for (Commands block : blocks) {
            type(block);
        }
    }

    /**
     * Types the commands of a block. If they only look at something, they are repeated until they see what the
     * page shows.
     */
    private void type(Commands block) throws Exception {
        String script = "exec 2>&1; set -e\n" + adapt.apply(block.lines());
        String expected = general(adapt.apply(block.output()));
        CommandResult[] last = {null};
        Await.Condition<Exception> isShown = () -> {
            last[0] = shell.run(script);
            return last[0].status() == 0 && general(last[0].out()).equals(expected);
        };
        if (block.lines().lines().allMatch(
                line -> line.startsWith("curl ") || line.startsWith("systemctl show "))) {
            Await.until(isShown, () -> last[0] + "\n" + facts.call());
        } else {
            assertThat(isShown.holds()).as("%s%n%s%n%s", block, last[0], facts.call()).isTrue();
        }
    }

    /** Returns the output without what differs from one time to another. */
    private static String general(String output) {
        return output.replaceAll("pid \\d+", "pid N").replaceAll("\\b\\d+s\\b", "Ns");
    }
}
