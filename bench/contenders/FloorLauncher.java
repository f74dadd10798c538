import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.List;

/**
 * Makes one downcall of the library's form, starts a command, and ends. Takes no step and checks nothing. A launcher
 * through {@code java.lang.foreign} does at least this.
 *
 * <p>{@code train} also does what {@link ReadyProgram} does, so that an AOT cache has both programs.
 *
 * <pre>java FloorLauncher start|train COMMAND [ARG...]</pre>
 */
public class FloorLauncher {

    public static void main(String[] args) throws Throwable {
        call("getpid");
        start(Arrays.asList(args).subList(1, args.length));
        if (args[0].equals("train")) {
            ReadyProgram.writeLine("/dev/null");
        }
    }

    private static long call(String function) throws Throwable {
        var errno = Linker.Option.captureStateLayout();
        MethodHandle handle = Linker.nativeLinker().downcallHandle(
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                Linker.Option.captureCallState("errno"), Linker.Option.firstVariadicArg(6));
        MemorySegment address = Linker.nativeLinker().defaultLookup().findOrThrow(function);
        try (var arena = Arena.ofConfined()) {
            return (long) handle.invokeExact(address, arena.allocate(errno), 0L, 0L, 0L, 0L, 0L, 0L);
        }
    }

    private static void start(List<String> command) throws IOException {
        new ProcessBuilder(command).redirectInput(Redirect.from(new File("/dev/null")))
                .redirectOutput(Redirect.DISCARD).redirectError(Redirect.DISCARD).start();
    }
}
