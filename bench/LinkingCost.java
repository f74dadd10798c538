import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Measures what it costs a JVM that has just started to link the ten C functions that a fork needs.
 *
 * <pre>java --enable-native-access=ALL-UNNAMED bench/LinkingCost.java one|each|both</pre>
 *
 * <p>{@code one}: one form, six words, for all of them. {@code each}: for each its own types. {@code both}: that, and
 * the handle without errno too that comes with every address of a jextract binding.
 */
public class LinkingCost {

    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");

    private static final Map<String, FunctionDescriptor> FUNCTIONS = new LinkedHashMap<>();

    static {
        FUNCTIONS.put("mmap", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
        FUNCTIONS.put("mprotect", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
        FUNCTIONS.put("socketpair", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
        FUNCTIONS.put("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
        FUNCTIONS.put("send", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
        FUNCTIONS.put("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
        FUNCTIONS.put("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
        FUNCTIONS.put("waitpid", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
        FUNCTIONS.put("setpgid", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
        FUNCTIONS.put("getpid", FunctionDescriptor.of(JAVA_INT));
    }

    public static void main(String[] args) {
        String mode = args.length > 0 ? args[0] : "one";
        long start = System.nanoTime();
        switch (mode) {
            case "one" -> {
                LINKER.downcallHandle(FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                        JAVA_LONG, JAVA_LONG), ERRNO, Linker.Option.firstVariadicArg(6));
                FUNCTIONS.keySet().forEach(LinkingCost::address);
            }
            case "each" -> FUNCTIONS.forEach((name, types) -> LINKER.downcallHandle(address(name), types, ERRNO));
            case "both" -> FUNCTIONS.forEach((name, types) -> {
                LINKER.downcallHandle(address(name), types);
                LINKER.downcallHandle(address(name), types, ERRNO);
            });
            default -> throw new IllegalArgumentException("'" + mode + "' is not a mode: one, each or both");
        }
        System.out.printf("%s: %.1f ms%n", mode, (System.nanoTime() - start) / 1e6);
    }

    private static MemorySegment address(String name) {
        return LINKER.defaultLookup().findOrThrow(name);
    }
}
