package io.github.daemonsteps.testkit;

import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.daemon.Daemon;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.process.Program;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Starts daemons, runs and commands for a test. All their processes have a tag in the environment, by which
 * {@link Daemons} finds them after the test. Pid files and logs are in the {@link TestDirectory}.
 */
public final class Launcher {

    /** The variable with the tag. */
    static final String TAG = "DAEMON_STEPS_TEST";

    private static final Duration COMMAND_DEADLINE = Duration.ofMinutes(1);

    private final TestDirectory directory;
    private final String tag;
    private final StartedProcesses started;
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final List<DaemonRun> runs = new ArrayList<>();
    private final List<TestDirectory> directories = new ArrayList<>();

    Launcher(TestDirectory directory, String tag) {
        this.directory = directory;
        this.tag = tag;
        this.started = StartedProcesses.from(tagEntry(), directory.path());
        directories.add(directory);
    }

    /** Returns the entry in the environment of all processes, {@code NAME=value}. */
    String tagEntry() {
        return TAG + "=" + tag;
    }

    /** Closes something after the test. */
    void closeAfterTest(AutoCloseable closeable) {
        opened.add(closeable);
    }

    /** Returns the directories to delete after the test. */
    List<TestDirectory> directories() {
        return List.copyOf(directories);
    }

    /** Deletes a directory after the test, if it is still there. */
    void deleteAfterTest(TestDirectory more) {
        directories.add(more);
    }

    /** Returns the processes that were started since this object was created. */
    StartedProcesses started() {
        return started;
    }

    List<AutoCloseable> opened() {
        return List.copyOf(opened);
    }

    /** Returns the processes of the runs, which may have become programs. */
    Set<Long> pidsOfRuns() {
        Set<Long> pids = new HashSet<>();
        for (DaemonRun run : runs) {
            if (!run.reports().isEmpty()) {
                pids.add((long) run.reports().getLast().after().pid());
            }
        }
        return pids;
    }

    /**
     * Returns the process ids of the processes of the test that have not ended, in ascending order: those
     * that {@link Daemons} would report if they did not end soon.
     */
    public List<Integer> processes() {
        return started.running(pidsOfRuns()).stream().map(process -> (int) process.pid()).sorted().toList();
    }

    /** Kills and reaps all {@link #processes}, for a test that leaves them on purpose. */
    public void killProcesses() {
        started.end(pidsOfRuns());
    }

    /**
     * Returns a daemon whose files are {@code NAME.pid} and {@code NAME.log} in the test directory.
     *
     * @param name the name of the daemon
     */
    public Daemon daemon(String name) {
        return Daemon.named(name).pidFile(directory.file(name + ".pid")).log(directory.file(name + ".log"))
                .environment(TAG, tag);
    }

    /**
     * Returns a program for {@link DaemonRun#execve}. {@link #daemon} takes any program.
     *
     * @param path the absolute path of the program
     * @param arguments the arguments after the name
     */
    public Program program(String path, String... arguments) {
        Program program = Program.of(path, arguments);
        return new Program(program.path(), program.arguments(),
                Environment.inherited().with(CString.of(tagEntry())).variables());
    }

    /**
     * Returns a run of these steps, which is closed after the test.
     *
     * @param steps the steps
     */
    public DaemonRun start(DaemonSteps steps) {
        DaemonRun run = steps.start();
        closeAfterTest(run);
        runs.add(run);
        return run;
    }

    /**
     * Runs a command in the test directory, and waits for its exit.
     *
     * @param command the program, which is searched for on the PATH, and its arguments
     * @return the exit status and the output
     * @throws AssertionError if the command does not exit within a minute
     */
    public CommandResult run(String... command) throws IOException, InterruptedException {
        return CommandResult.of(builder(command), COMMAND_DEADLINE);
    }

    /**
     * Runs a command whose session has a terminal as its controlling terminal. The standard descriptors are
     * open on the terminal too. The command {@code setsid} of util-linux must be on the PATH.
     *
     * @param terminal the terminal
     * @param command the program, which is searched for on the PATH, and its arguments
     * @return the running command; {@link Pty#line} has what it prints
     */
    public Process startOn(Pty terminal, String... command) throws IOException {
        List<String> words = new ArrayList<>(List.of("setsid", "--ctty", "--wait"));
        words.addAll(List.of(command));
        var file = terminal.path().toFile();
        return builder(words.toArray(String[]::new)).redirectInput(file).redirectOutput(file)
                .redirectError(file).start();
    }

    /**
     * Returns a command that has not been started, with the tag and in the test directory.
     *
     * @param command the program and its arguments
     */
    public ProcessBuilder builder(String... command) {
        var builder = new ProcessBuilder(command).directory(directory.path().toFile());
        builder.environment().put(TAG, tag);
        return builder;
    }
}
