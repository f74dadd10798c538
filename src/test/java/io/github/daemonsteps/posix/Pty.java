package io.github.daemonsteps.posix;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.daemonsteps.ffm.NativePosix;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Set;

/** A pseudo terminal, see pty(7). Closing it sends SIGHUP to the session with this controlling terminal. */
public final class Pty implements AutoCloseable {

    private final int master;
    private final Path slave;

    private Pty(int master, Path slave) {
        this.master = master;
        this.slave = slave;
    }

    /** Opens a new pseudo terminal. */
    public static Pty open() {
        NativePosix posix = NativePosix.get();
        int master = posix.open(CString.of("/dev/ptmx"),
                Set.of(OpenFlag.O_RDWR, OpenFlag.O_NOCTTY, OpenFlag.O_CLOEXEC), FileMode.of(0));
        try (var arena = Arena.ofConfined()) {
            var linker = Linker.nativeLinker();
            var unlockpt = linker.downcallHandle(linker.defaultLookup().findOrThrow("unlockpt"),
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT));
            var ptsname = linker.downcallHandle(linker.defaultLookup().findOrThrow("ptsname_r"),
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG));
            MemorySegment name = arena.allocate(100);
            int unlocked = (int) unlockpt.invokeExact(master);
            int named = (int) ptsname.invokeExact(master, name, 100L);
            if (unlocked != 0 || named != 0) {
                throw new AssertionError("no pty: unlockpt " + unlocked + ", ptsname_r " + named);
            }
            return new Pty(master, Path.of(name.getString(0)));
        } catch (Error | RuntimeException failed) {
            posix.close(master);
            throw failed;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Returns the path of the terminal, such as {@code /dev/pts/3}. */
    public Path path() {
        return slave;
    }

    /** Returns the descriptor of the other side. */
    public int master() {
        return master;
    }

    /** Closes the pseudo terminal. */
    @Override
    public void close() {
        NativePosix.get().close(master);
    }
}
