package io.github.daemonsteps.relay;

import io.github.daemonsteps.ffm.CFunction;
import io.github.daemonsteps.ffm.NativeCall;
import io.github.daemonsteps.ffm.NativeValues;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.FlockOperation;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.posix.SignalDisposition;
import io.github.daemonsteps.posix.SignalSet;
import io.github.daemonsteps.posix.SigprocmaskHow;
import java.util.List;
import java.util.Set;

/**
 * A launcher for {@link LauncherDeathCleanupIT}: {@code CleanupLauncher STATE NAME OTHER}. Forks a process that removes the
 * name on launcher death, brings it to a state, prints its id, and waits to be killed.
 */
final class CleanupLauncher {

    private CleanupLauncher() {
    }

    public static void main(String[] args) throws Exception {
        CString name = CString.of(args[1]);
        CString other = CString.of(args[2]);
        ForkedProcess process = ForkedProcess.fork();
        int fd = process.open(name, Set.of(OpenFlag.O_RDWR, OpenFlag.O_CLOEXEC), FileMode.of(0));
        process.unlinkOnLauncherDeath(fd, name);
        switch (args[0]) {
            case "free" -> {
            }
            case "locked" -> process.flock(fd, FlockOperation.LOCK_EX);
            case "closed" -> process.close(fd);
            case "taken back" -> process.cancelUnlinkOnLauncherDeath();
            case "said anew" -> process.unlinkOnLauncherDeath(fd, other);
            case "forked" -> process.forkExitingParent();
            case "forked by one that stays" -> process.forkKeepingParent();
            case "ended" -> process._exit(0);
            case "executed" ->
                process.execve(CString.of("/bin/sleep"), CString.listOf("sleep", "300"), List.of());
            case "in a call" -> {
                // SIGPIPE has its default effect again, as just before execve: the answer without a reader
                // must not kill the process first
                process.signal(Signal.SIGPIPE, SignalDisposition.SIG_DFL);
                process.sigprocmask(SigprocmaskHow.SIG_SETMASK, SignalSet.NONE);
                System.out.println(process.pid());
                System.out.println("ready");
                waitForWriter((RelayedProcess) process, args[2]);
            }
            default -> throw new IllegalArgumentException(args[0]);
        }
        System.out.println(process.pid());
        System.out.println("ready");
        System.in.read();
    }

    /** In one request with a call that shows that the request has begun. */
    private static void waitForWriter(RelayedProcess process, String fifo) {
        try (var exchange = process.begin()) {
            int create = NativeValues.bits(Set.of(OpenFlag.O_CREAT, OpenFlag.O_WRONLY));
            var begun = new NativeCall(CFunction.OPEN).string(CString.of(fifo + ".begun"), exchange)
                    .argument(create)
                    .argument(0600);
            var open = new NativeCall(CFunction.OPEN).string(CString.of(fifo), exchange)
                    .argument(NativeValues.bits(Set.of(OpenFlag.O_RDONLY)));
            exchange.execute(List.of(begun, open));
        }
    }
}
