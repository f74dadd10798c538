package io.github.daemonsteps.daemon;

import io.github.daemonsteps.daemon.control.ProcessGroup;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.procfs.ProcessStat;
import io.github.daemonsteps.procfs.TrackedProcess;
import io.github.daemonsteps.testing.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Kills a daemon, gives its number to another process, and prints the facts that follow, one a line. {@code
 * ReusedNumber GROUP|LOCK DIRECTORY} must run in a pid namespace of its own: the choice of a number concerns
 * all processes of the namespace.
 */
final class ReusedNumber {

    private static final Readiness AT_ONCE = new Readiness.AliveAfter(Duration.ofMillis(1));

    /** Forks until a child has the number; that child leads a new session, and prints the number of its own child. */
    private static final String SESSION_LEADER = """
            import os, sys, time
            number = int(sys.argv[1])
            while True:
                with open('/proc/sys/kernel/ns_last_pid', 'w') as last: last.write(str(number - 1))
                child = os.fork()
                if child == 0:
                    if os.getpid() != number: os._exit(0)
                    os.setsid()
                    member = os.fork()
                    if member: print(member, flush=True)
                    time.sleep(300)
                if child == number: break
                os.waitpid(child, 0)
            time.sleep(300)
            """;

    /** Forks until a child has the number, and prints it. */
    private static final String PROCESS = """
            until grep -qs "^PPid:.$$\\$" /proc/$1/status; do
                echo $(($1 - 1)) > /proc/sys/kernel/ns_last_pid || exit
                sleep 300 &
            done
            echo $1
            wait
            """;

    private final Path directory;
    private final Daemon daemon;

    private ReusedNumber(Path directory) {
        this.directory = directory;
        this.daemon =
                Daemon.named("d").pidFile(directory.resolve("d.pid")).log(directory.resolve("d.log"));
    }

    public static void main(String[] args) throws Exception {
        var reused = new ReusedNumber(Path.of(args[1]));
        switch (args[0]) {
            case "GROUP" -> reused.group();
            case "LOCK" -> reused.lock();
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private int start(String... command) throws IOException {
        StartResult result = daemon.start(Program.of(command[0],
                java.util.Arrays.copyOfRange(command, 1, command.length)), AT_ONCE);
        if (result instanceof StartResult.Started started) {
            return started.pid();
        }
        throw new AssertionError(result);
    }

    private void group() throws Exception {
        int pid = start("/bin/sleep", "300");
        int number = ProcessStat.of(pid).orElseThrow().pgid();
        NativePosix posix = NativePosix.get();
        try (var watch = TrackedProcess.of(posix, pid); var group = ProcessGroup.of(watch, posix)) {
            group.scan();
            Processes.kill(pid);
            int member = other("python3", "-c", SESSION_LEADER, Integer.toString(number));
            print("group has the number", ProcessStat.of(member).orElseThrow().pgid() == number);
            group.end(Signal.SIGKILL, System.nanoTime(), Duration.ofSeconds(1));
            print("adopted", group.adopt(member, _ -> false));
            print("ended", group.ended());
            print("remaining", group.remaining());
            print("member has ended", Processes.hasEnded(member));
        }
    }

    private void lock() throws Exception {
        Path child = directory.resolve("child");
        int pid = start("/bin/sh", "-c", "sleep 300 & echo $! > " + child + ".new; mv " + child + ".new "
                + child + "; wait");
        Await.until(() -> Files.exists(child));
        int heir = Integer.parseInt(Files.readString(child).trim());
        Processes.kill(pid);
        print("process has the number", other("/bin/sh", "-c", PROCESS, "sh", Integer.toString(pid)) == pid);
        print("status is that of the child",
                daemon.status().state().equals(new Status.State.LockInherited(heir)));
        print("stop", daemon.stop().getClass().getSimpleName());
        print("reload", daemon.reload().getClass().getSimpleName());
        print("process has ended", Processes.hasEnded(pid));
    }

    /** Starts another process, and returns the number that it prints. */
    private static int other(String... command) throws IOException {
        return Integer.parseInt(new ProcessBuilder(command).start().inputReader().readLine());
    }

    private static void print(String fact, Object value) {
        System.out.println(fact + ": " + value);
    }
}
