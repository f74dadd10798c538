package io.github.daemonsteps.testing;

import io.github.daemonsteps.posix.Processes;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A program that waits to be asked whether it lives, answers, and ends. A process that a signal is about to end does not answer any
 * more.
 */
public final class Witness {

    private final Path question;
    private final Path answer;

    /** Its files go into this directory. */
    public Witness(Path directory) throws IOException, InterruptedException {
        question = directory.resolve("question");
        answer = directory.resolve("answer");
        Command made = Command.run("mkfifo", question.toString());
        if (made.status() != 0) {
            throw new AssertionError(made);
        }
    }

    /** The program. */
    public List<String> command() {
        return List.of("/bin/sh", "-c", "read line <\"$1\" && echo \"$line\" >\"$2\"", "witness",
                question.toString(), answer.toString());
    }

    /** Asks the process that has become this program, and waits until it has ended. Returns whether it has answered. */
    public boolean testifies(int pid) throws IOException {
        try (var pipe = new RandomAccessFile(question.toFile(), "rw")) { // for both, so that it waits for no reader
            pipe.write("alive\n".getBytes(StandardCharsets.UTF_8));
            Processes.awaitEnd(pid);
        }
        return Files.exists(answer) && Files.readString(answer).equals("alive\n");
    }
}
