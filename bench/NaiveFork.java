import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What becomes of a JVM that is forked and goes on in Java.
 *
 * <pre>java --enable-native-access=ALL-UNNAMED -XX:+UseG1GC bench/NaiveFork.java [calls|exec] [CHILDREN] [ALLOCATING_THREADS]</pre>
 *
 * <p>Each child makes four downcalls from Java and then {@code _exit}s ({@code calls}), or executes a program at once
 * ({@code exec}). The parent gives it a second, then kills it, and counts. The measurement runs in a JVM of its own,
 * since under some collectors the parent itself hangs or crashes: that is a result too. Nothing here is part of the
 * library; it is what the library must not do.
 */
public class NaiveFork {

    private static final String MARK = "NAIVE_FORK";
    private static final int PATIENCE_MILLIS = 1000;
    private static final int MINUTES_FOR_ALL = 4;
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
        if (args.length == 4 && args[3].equals("measure")) {
            measure(args[0].equals("exec"), Integer.parseInt(args[1]), Integer.parseInt(args[2]));
            return;
        }
        String mode = args.length > 0 ? args[0] : "calls";
        String children = args.length > 1 ? args[1] : "300";
        String threads = args.length > 2 ? args[2] : "0";
        if (!mode.equals("calls") && !mode.equals("exec")) {
            System.err.println("NaiveFork: '" + mode + "' is not a mode: calls or exec");
            System.exit(2);
        }
        System.out.println(mode + ", " + threads + " allocating threads: " + inJvmOfItsOwn(mode, children, threads));
    }

    /** The last line that the measuring JVM has printed, and how it ended if that was not well. */
    private static String inJvmOfItsOwn(String mode, String children, String threads)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.add("-XX:-CreateCoredumpOnCrash");
        command.add("-XX:ErrorFile=/dev/null");
        command.add(System.getProperty("jdk.launcher.sourcefile", "bench/NaiveFork.java"));
        command.addAll(List.of(mode, children, threads, "measure"));
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        String mark = java.util.UUID.randomUUID().toString();
        builder.environment().put(MARK, mark);
        // Also for Ctrl-C: the measuring JVM has left this terminal's session, and its children may hang.
        var cleaner = new Thread(() -> killMarked(mark));
        Runtime.getRuntime().addShutdownHook(cleaner);
        Process jvm = builder.start();
        var last = new String[] {"nothing measured"};
        Thread reader = Thread.ofPlatform().daemon().start(() -> {
            try (var lines = new BufferedReader(new InputStreamReader(jvm.getInputStream()))) {
                lines.lines().filter(line -> line.contains("children")).forEach(line -> last[0] = line);
            } catch (IOException | java.io.UncheckedIOException ended) {
                // what was read is what there is
            }
        });
        boolean ended = jvm.waitFor(MINUTES_FOR_ALL, TimeUnit.MINUTES);
        if (!ended) {
            jvm.destroyForcibly().waitFor();
        }
        killMarked(mark); // a child that hangs outlives a parent that has died, and holds the pipe open
        reader.join(1000);
        if (!ended) {
            return last[0] + "; then the parent itself hung";
        }
        return jvm.exitValue() == 0 ? last[0] : last[0] + "; then the parent itself died (" + jvm.exitValue() + ")";
    }

    /** Ends all that the measurement has started: what it forks inherits its environment. */
    private static void killMarked(String mark) {
        ProcessHandle.allProcesses().filter(process -> isMarked(process, mark)).forEach(ProcessHandle::destroyForcibly);
    }

    private static boolean isMarked(ProcessHandle process, String mark) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), "environ"), StandardCharsets.ISO_8859_1)
                    .contains(MARK + "=" + mark);
        } catch (IOException goneOrNotOurs) {
            return false;
        }
    }

    private static void measure(boolean exec, int children, int threads) throws Throwable {
        for (int i = 0; i < threads; i++) {
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
            for (int done = 1; done <= children; done++) {
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
                System.out.println(hung + " of " + done + " children hung, " + crashed + " crashed");
                if (hung == 20) {
                    break; // enough is known
                }
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
        pollfd.set(java.lang.foreign.ValueLayout.JAVA_SHORT, 4, (short) POLLIN);
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
