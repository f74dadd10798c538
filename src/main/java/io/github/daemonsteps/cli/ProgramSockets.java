package io.github.daemonsteps.cli;

import io.github.daemonsteps.daemon.Readiness;
import io.github.daemonsteps.daemon.files.FileRefusedException;
import io.github.daemonsteps.daemon.start.SocketPlan;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.process.SupervisorVariables;
import io.github.daemonsteps.process.UserIdentity;
import io.github.daemonsteps.steps.StepOutcome;
import io.github.daemonsteps.steps.extra.BoundSockets;
import io.github.daemonsteps.steps.extra.Listen;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/** The sockets of the program that this process becomes; see sd_listen_fds(3). */
final class ProgramSockets {

    private static final CString NOT_EXECUTABLE = CString.of("/");

    private final SocketPlan plan;
    private final BoundSockets bound = new BoundSockets();

    private ProgramSockets(SocketPlan plan) {
        this.plan = plan;
    }

    /**
     * Returns the sockets that a supervisor has passed to this process, and those of {@code --listen}. Prints
     * a warning if a passed one was not inherited: the program then gets none of them.
     */
    static ProgramSockets of(Arguments arguments, Environment caller) {
        SocketPlan plan = SocketPlan.ofForeground(LifecycleCommands.sockets(arguments),
                arguments.has(Option.LISTEN_STDIN), caller);
        plan.warnings().forEach(Main::warn);
        Optional<String> clash =
                plan.descriptorConflict(LifecycleCommands.kept(arguments), Readiness.aliveAfter());
        if (clash.isPresent()) {
            throw new UsageException(clash.get());
        }
        return new ProgramSockets(plan);
    }

    /** Returns the descriptors of the passed sockets. */
    SortedSet<Integer> passed() {
        return plan.passedDescriptors();
    }

    /**
     * Returns the environment with the variables that describe the sockets. Since this process becomes the
     * program, a supervisor's variables stay valid if no socket is added.
     */
    Environment addTo(Environment environment) {
        if (plan.isEmpty()) {
            return SupervisorVariables.withoutDescriptors(environment);
        }
        return plan.toBind().isEmpty()
                ? environment
                : plan.addTo(environment, ProcessHandle.current().pid());
    }

    /** Binds the sockets. They get their descriptors right before the program is executed. */
    StepOutcome bind(@Nullable UserIdentity user, NativePosix posix) {
        try {
            plan.checkBeforeBind(user, posix);
        } catch (FileRefusedException e) {
            throw new CommandException(1, String.valueOf(e.getMessage()));
        }
        var listen = new Listen(plan.toBind(), Listen.ANY, Listen.NONE, user, bound);
        StepOutcome outcome = listen.of(posix, posix.getpid());
        if (outcome instanceof StepOutcome.Failed) {
            closeAndRemoveFiles(posix);
        }
        return outcome;
    }

    /** Closes the bound sockets, and removes their files. */
    void closeAndRemoveFiles(NativePosix posix) {
        bound.sockets().forEach(socket -> posix.closeQuietly(socket.descriptor()));
        bound.removeFiles(posix);
    }

    /**
     * Executes the program with its sockets as descriptors 3, 4, and so on. Until then these are files of the
     * JVM. If execve(2) fails, the files of the JVM get their descriptors back.
     *
     * @throws PosixException if the program cannot be executed
     */
    void execute(Program program, NativePosix posix) {
        if (bound.sockets().isEmpty() && plan.onStdin() == Listen.NONE) {
            posix.execve(program.path(), program.arguments(), program.environment());
            return;
        }
        loadClasses(program, posix);
        int first = Listen.FIRST + plan.passed().size();
        int end = first + bound.sockets().size();
        List<Integer> sockets = new ArrayList<>();
        List<Integer> saved = new ArrayList<>();
        for (BoundSockets.Bound socket : bound.sockets()) {
            sockets.add(posix.duplicateFrom(socket.descriptor(), end));
        }
        for (int fd = first; fd < end; fd++) {
            saved.add(saved(fd, end, posix));
        }
        try {
            for (int i = 0; i < sockets.size(); i++) {
                posix.dup2(sockets.get(i), first + i); // the duplicate is not close-on-exec
            }
            if (plan.onStdin() != Listen.NONE) {
                posix.dup2(plan.onStdin(), 0);
            }
            posix.execve(program.path(), program.arguments(), program.environment());
        } finally {
            for (int i = 0; i < saved.size(); i++) {
                if (saved.get(i) >= 0) {
                    posix.dup2(saved.get(i), first + i);
                }
            }
        }
    }

    /** Makes each of the later calls once: when its files are replaced, the JVM cannot load a class. */
    private static void loadClasses(Program program, NativePosix posix) {
        try {
            posix.execve(NOT_EXECUTABLE, program.arguments(), program.environment());
        } catch (PosixException e) {
            // A directory is never executed.
        }
        int duplicate = posix.duplicateFrom(0, Listen.FIRST);
        posix.dup2(0, duplicate);
        posix.close(duplicate);
    }

    private static int saved(int fd, int end, NativePosix posix) {
        try {
            return posix.duplicateFrom(fd, end);
        } catch (PosixException e) { // the descriptor is not open
            return -1;
        }
    }
}
