package io.github.daemonsteps.testing;

import io.github.daemonsteps.posix.Processes;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A program that waits for a question, answers, and exits. A process that a signal is about to kill does
 * not answer.
 */
public final class LivenessProbe {

    private final Path question;
    private final Path answer;

    /** Creates a probe with its files in this directory. */
    public LivenessProbe(Path directory) throws IOException, InterruptedException {
        question = directory.resolve("question");
        answer = directory.resolve("answer");
        Command made = Command.run("mkfifo", question.toString());
        if (made.status() != 0) {
            throw new AssertionError(made);
        }
    }

    /** Returns the command of the program. */
    public List<String> command() {
        return List.of("/bin/sh", "-c", "read line <\"$1\" && echo \"$line\" >\"$2\"", "probe",
                question.toString(), answer.toString());
    }

    /**
     * Asks the process that has become this program, and waits for its end. Returns whether it has
     * answered.
     */
    public boolean answersBeforeItsEnd(int pid) throws IOException {
        try (var pipe = new RandomAccessFile(question.toFile(), "rw")) { // open for both, so that the opening does not wait for a reader
            pipe.write("alive\n".getBytes(StandardCharsets.UTF_8));
            Processes.awaitEnd(pid);
        }
        return Files.exists(answer) && Files.readString(answer).equals("alive\n");
    }
}
