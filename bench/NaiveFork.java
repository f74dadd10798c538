import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Counts what becomes of the children of a JVM that is forked and goes on in Java.
 *
 * <pre>java --enable-native-access=ALL-UNNAMED -XX:+UseG1GC bench/NaiveFork.java calls|exec CHILDREN ALLOCATING_THREADS</pre>
 *
 * <p>Each child makes four downcalls from Java and then {@code _exit}s ({@code calls}), or executes a program at once
 * ({@code exec}). The parent gives it a second, then kills it, counts, and prints a line. Under some collectors the
 * parent itself hangs or crashes: {@code bench/run} notices that, and kills what is left. Nothing here is part of the
 * library; it is what the library must not do.
 */
public class NaiveFork {

    private static final int PATIENCE_MILLIS = 1000;
    private static final int ENOUGH_HUNG = 10;
    private static final int SIGKILL = 9;
    private static final int PR_SET_PDEATHSIG = 1;
    private static final int POLLIN = 1;
    private static final int SYS_PIDFD_OPEN = 434; // the same on x86-64 and aarch64

    private static final MethodHandle FORK = link("fork", FunctionDescriptor.of(JAVA_INT));
    private static final MethodHandle PRCTL = link("prctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle SETSID = link("setsid", FunctionDescriptor.of(JAVA_INT));
    private static final MethodHandle CHDIR = link("chdir", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    private static final MethodHandle UMASK = link("umask", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle GETPID = link("getpid", FunctionDescriptor.of(JAVA_INT));
    private static final MethodHandle EXECV = link("execv", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle EXIT = link("_exit", FunctionDescriptor.ofVoid(JAVA_INT));
    private static final MethodHandle KILL = link("kill", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle WAITPID =
            link("waitpid", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle SYSCALL =
            link("syscall", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle POLL =
            link("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
    private static final MethodHandle CLOSE = link("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

    private static MethodHandle link(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
    }

    public static void main(String[] args) throws Throwable {
        boolean exec = args[0].equals("exec");
        int children = Integer.parseInt(args[1]);
        for (int i = Integer.parseInt(args[2]); i > 0; i--) {
            Thread.ofPlatform().daemon().start(NaiveFork::allocate);
        }
        int hung = 0;
        int crashed = 0;
        try (var arena = Arena.ofConfined()) {
            MemorySegment root = arena.allocateFrom("/");
            MemorySegment program = arena.allocateFrom("/bin/true");
            MemorySegment arguments = arena.allocate(MemoryLayout.sequenceLayout(2, ADDRESS));
            arguments.setAtIndex(ADDRESS, 0, program);
            MemorySegment status = arena.allocate(JAVA_INT);
            MemorySegment pollfd = arena.allocate(8, 4);
            warmUp(root);
            for (int done = 1; done <= children && hung < ENOUGH_HUNG; done++) {
                int pid = (int) FORK.invokeExact();
                if (pid == 0) {
                    child(exec, root, program, arguments);
                }
                boolean ended = hasEnded(pid, pollfd);
                if (!ended) {
                    hung++;
                    int killed = (int) KILL.invokeExact(pid, SIGKILL);
                }
                int reaped = (int) WAITPID.invokeExact(pid, status, 0);
                // HotSpot catches a SIGSEGV and exits, with 1 if it is to leave no core: a crash seldom shows as a signal.
                if (ended && status.get(JAVA_INT, 0) != 0) {
                    crashed++;
                }
                System.out.println(done + " children, " + hung + " hung, " + crashed + " crashed");
            }
        }
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    /** The forked child. What is Java in it has no collector, no compiler and no other thread any more. */
    private static void child(boolean exec, MemorySegment root, MemorySegment program, MemorySegment arguments)
            throws Throwable {
        if (exec) {
            int failed = (int) EXECV.invokeExact(program, arguments);
        }
        int bound = (int) PRCTL.invokeExact(PR_SET_PDEATHSIG, SIGKILL);
        int sid = (int) SETSID.invokeExact();
        int changed = (int) CHDIR.invokeExact(root);
        int mask = (int) UMASK.invokeExact(0);
        EXIT.invokeExact(exec ? 127 : 0);
    }

    /** Every downcall once in the parent: the child need not link or load a class for it. */
    private static void warmUp(MemorySegment root) throws Throwable {
        int pid = (int) GETPID.invokeExact();
        int mask = (int) UMASK.invokeExact(0);
        mask = (int) UMASK.invokeExact(mask);
        int bound = (int) PRCTL.invokeExact(PR_SET_PDEATHSIG, 0);
        int sid = (int) SETSID.invokeExact();
        int changed = (int) CHDIR.invokeExact(root);
    }

    private static boolean hasEnded(int pid, MemorySegment pollfd) throws Throwable {
        int pidfd = (int) SYSCALL.invokeExact(SYS_PIDFD_OPEN, pid, 0);
        pollfd.set(JAVA_INT, 0, pidfd);
        pollfd.set(JAVA_SHORT, 4, (short) POLLIN);
        int ready = (int) POLL.invokeExact(pollfd, 1, PATIENCE_MILLIS);
        int closed = (int) CLOSE.invokeExact(pidfd);
        return ready == 1;
    }

    private static void allocate() {
        byte[][] kept = new byte[4096][];
        for (int i = 0;; i = (i + 1) % kept.length) {
            kept[i] = new byte[1024 + i % 1024];
        }
    }
}
