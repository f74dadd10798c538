package io.github.daemonsteps.cli;

import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.daemon.ExitStatus;
import io.github.daemonsteps.daemon.start.PassedSocket;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.process.SupervisorVariables;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import io.github.daemonsteps.steps.StepReport;
import io.github.daemonsteps.text.TerminalSafe;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The subcommand {@code nohup}: the easy recipe. As with nohup(1), output that would go to a terminal goes to
 * {@code nohup.out}, and input does not come from a terminal.
 */
final class NohupCommand {

    private static final String FILE = "nohup.out";
    private static final FileMode PRIVATE = FileMode.of(0600);
    private static final FileMode ALL_BUT_PRIVATE = FileMode.of(0177);
    private static final Set<OpenFlag> APPEND =
            Set.of(OpenFlag.O_WRONLY, OpenFlag.O_APPEND, OpenFlag.O_CREAT, OpenFlag.O_NOCTTY,
                    OpenFlag.O_CLOEXEC);

    private NohupCommand() {
    }

    static int run(Arguments arguments) {
        Environment environment = LifecycleCommands.environment(arguments, Optional.empty());
        Program program = ProgramFinder.find(arguments.command(), environment);
        List<String> warnings = new ArrayList<>();
        SortedSet<Integer> passed = new TreeSet<>();
        PassedSocket.all(environment, warnings).forEach(socket -> passed.add(socket.descriptor()));
        warnings.forEach(Main::warn);
        try (DaemonRun run = DaemonSteps.nohup().start()) {
            StepReport last = run.runRemaining().getLast();
            Optional<CString> output = Optional.empty();
            if (!last.failed()) {
                output = leaveTerminal(run.process(), environment);
                Environment own = SupervisorVariables.forOther(environment, ProcessHandle.current().pid(),
                        passed, run.process().pid());
                last = run.execve(new Program(program.path(), program.arguments(), own.variables()));
            }
            if (last.outcome() instanceof StepOutcome.Failed failed) {
                if (last.step().equals(StepName.EXEC)) {
                    throw ProgramFinder.notExecuted(program, last.message(), failed.errno());
                }
                return Main.failed(ExitStatus.ofFailure(failed.errno()), last.message());
            }
            if (!arguments.has(Option.QUIET)) {
                System.out.println("started, pid " + run.process().pid()
                        + output.map(file -> ", output to " + TerminalSafe.of(file.toString())).orElse(""));
            }
            return 0;
        }
    }

    /** Returns the file that the output goes to, if it would have gone to a terminal. */
    private static Optional<CString> leaveTerminal(ForkedProcess process, Environment environment) {
        if (Tty.isOn(0)) {
            int none = process.open("/dev/null", OpenFlag.O_RDONLY, OpenFlag.O_CLOEXEC);
            process.dup2(none, 0);
        }
        Optional<CString> output = Optional.empty();
        if (Tty.isOn(1)) {
            CString file = WorkingDirectory.absolute(CString.of(FILE));
            int fd;
            try {
                fd = open(file, process);
            } catch (PosixException e) {
                file = environment.get("HOME").filter(CString::isAbsolutePath).orElseThrow(() -> e)
                        .resolve(FILE);
                fd = open(file, process);
            }
            process.dup2(fd, 1);
            output = Optional.of(file);
        }
        if (Tty.isOn(2)) {
            process.dup2(1, 2);
        }
        return output;
    }

    /**
     * Opens a file for output. The umask is the program's own, so the mode of a new file must not depend on
     * it.
     */
    private static int open(CString file, ForkedProcess process) {
        FileMode umask = process.umask(ALL_BUT_PRIVATE);
        try {
            return process.open(file, APPEND, PRIVATE);
        } finally {
            process.umask(umask);
        }
    }
}
