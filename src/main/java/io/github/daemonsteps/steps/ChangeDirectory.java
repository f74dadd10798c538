package io.github.daemonsteps.steps;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.Posix;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Step 4: chdir, to {@code /} or to a directory that the daemon needs. The daemon then keeps no other
 * directory in use.
 *
 * @param directory an absolute path
 * @see <a href="https://man7.org/linux/man-pages/man2/chdir.2.html">chdir(2)</a>
 */
public record ChangeDirectory(CString directory) implements Step {

    /**
     * @throws IllegalArgumentException if the path is relative: the directory would depend on that of the
     *        launcher
     */
    public ChangeDirectory {
        directory.requireAbsolutePath("working directory");
    }

    /**
     * Changes to this directory.
     *
     * @param directory an absolute path
     */
    public ChangeDirectory(Path directory) {
        this(CString.of(directory));
    }

    @Override
    public StepName name() {
        return StepName.CHDIR;
    }

    @Override
    public String description() {
        return "change to a directory that stays";
    }

    @Override
    public String rationale() {
        return "keeps no other directory in use: its file system can be unmounted";
    }

    @Override
    public List<String> plan() {
        return List.of("chdir(" + directory.quoted() + ")");
    }

    @Override
    public StepOutcome perform(StepContext context) {
        ForkedProcess process = context.process();
        process.chdir(directory);
        Optional<FileStatus> linked = context.linked("cwd");
        FileStatus now = linked.isPresent() ? linked.get() : process.stat(".");
        return now.isSameFileAs(context.seen(directory))
                ? done()
                : failed(String.valueOf(context.now().cwd()));
    }

    /**
     * Changes the directory of any process, this one too.
     *
     * @param process the process
     * @return the outcome
     */
    public StepOutcome of(Posix process) {
        process.chdir(directory);
        return process.stat(".").isSameFileAs(process.stat(directory)) ? done() : failed("another directory");
    }

    private StepOutcome done() {
        return new StepOutcome.Done("in " + directory);
    }

    private StepOutcome failed(String place) {
        return new StepOutcome.Failed("chdir(" + directory.quoted() + ")", null,
                "the process is in " + place);
    }
}
