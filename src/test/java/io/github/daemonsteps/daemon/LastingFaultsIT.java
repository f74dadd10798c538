package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.daemon.StartWithFaults.Kind;
import io.github.daemonsteps.posix.CallInterceptor.Effect;
import io.github.daemonsteps.posix.CallInterceptor.Place;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.testkit.Faults;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A call that fails once fails from then on, in the launcher and in each forked process: the rollback does
 * not need the call.
 */
class LastingFaultsIT {

    /** These have had their effect, whatever they return. */
    private static final Set<String> MADE_ALL_THE_SAME = Set.of("close", "munmap", "waitpid");

    @TempDir
    private Path directory;

    private boolean isOver;

    @BeforeEach
    void lay() throws Exception {
        directory = Files.createDirectory(directory.toRealPath().resolve("d"));
        for (Kind kind : List.of(Kind.RUNNING, Kind.ENDING)) {
            new StartWithFaults(kind, directory).record(); // the first start loads what later ones need
        }
    }

    /** The call fails from its first use in the forked process on. */
    @ParameterizedTest
    @CsvSource({"flock, ENOLCK", "flock, EBADF", "flock, ENOSYS", "fsync, EIO", "ftruncate, EIO",
        "write, ENOSPC",
        "open, EIO", "fcntl, EMFILE", "dup2, EBUSY", "chdir, EACCES",
        "execve, EACCES", "flock, EINTR", "open, EINTR", "fsync, EINTR", "write, EINTR", "dup2, EINTR"})
    void start_whose_call_fails_for_good_leaves_nothing(String function, String errno) throws Exception {
        var start = new StartWithFaults(Kind.RUNNING, directory);
        Effect.Fails fails = new Effect.Fails(Errno.named(errno).orElseThrow());
        run(start, new Faults.Script() {
            private boolean lasts;

            @Override
            public Effect effect(Faults.Call call) {
                lasts |= call.place() == Place.CHILD && call.function().equals(function);
                return lasts && !isOver && call.function().equals(function) ? fails : new Effect.Executed();
            }
        }, function + "(");
    }

    /** The call fails from the end of the steps on. */
    @ParameterizedTest
    @CsvSource({"flock, ENOLCK", "kill, EPERM", "waitpid, ECHILD", "poll, ENOMEM",
        "pidfd_open, EMFILE",
        "pidfd_send_signal, EPERM", "pidfd_send_signal, ENOSYS", "send, ENOBUFS", "close, EIO",
        "munmap, EINVAL", "flock, EINTR", "send, EINTR", "waitpid, EINTR"})
    void undo_whose_call_fails_for_good_leaves_nothing(String function, String errno) throws Exception {
        var start = new StartWithFaults(Kind.ENDING, directory);
        Errno why = Errno.named(errno).orElseThrow();
        Effect fails = MADE_ALL_THE_SAME.contains(function)
                ? new Effect.ExecutedButFails(why)
                : new Effect.Fails(why);
        run(start, new Faults.Script() {
            private boolean hasExecuted;

            @Override
            public Effect effect(Faults.Call call) {
                boolean hits = hasExecuted && !isOver && call.function().equals(function);
                hasExecuted |= call.function().equals("execve");
                return hits ? fails : new Effect.Executed();
            }
        }, "");
    }

    private void run(StartWithFaults start, Faults.Script script, String reason) throws Exception {
        var leftovers = new Leftovers(start);
        var faults = new Faults(script);
        StartResult result;
        try {
            result = start.start(faults);
        } finally {
            isOver = true;
        }
        assertThat(result).isInstanceOf(StartResult.Failed.class);
        assertThat(((StartResult.Failed) result).reason()).contains(reason);
        assertThat(faults.violations()).isEmpty();
        assertThat(leftovers.check(faults, false)).as("%s", result).isEmpty();
    }
}
