package io.github.daemonsteps.cli;

import io.github.daemonsteps.posix.ProcessStat;

/**
 * The web server that the demo has started.
 *
 * @param pid its process
 * @param startTime when that process was started, which tells it from another that gets its number later
 */
record DemoServer(int pid, long startTime) {

    boolean isRunning() {
        return ProcessStat.of(pid).filter(stat -> stat.startTime() == startTime && !stat.hasEnded())
                .isPresent();
    }

    /** One line of two words. */
    String toLine() {
        return pid + " " + startTime + "\n";
    }

    static DemoServer parse(String line) {
        String[] words = line.trim().split(" ", 2);
        try {
            return new DemoServer(Integer.parseInt(words[0]), Long.parseLong(words[1]));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException broken) {
            throw new CommandException("not a record of the demo: '" + line.trim() + "'");
        }
    }
}
