package io.github.daemonsteps.ffm;

import static io.github.daemonsteps.ffm.libc.Signature.Type.INT;
import static io.github.daemonsteps.ffm.libc.Signature.Type.LONG;
import static io.github.daemonsteps.ffm.libc.Signature.Type.POINTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.daemonsteps.ffm.libc.Signature;
import io.github.daemonsteps.posix.SignalDisposition;
import io.github.daemonsteps.testing.ChildJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Compares the generated code with the C headers of both platforms, as the C compiler reads them: every constant, every
 * structure's size and fields, every signature. Shows that nothing is generated twice or unused.
 */
class BindingAuditTest {

    private static final Path SYMBOLS = ChildJvm.baseDirectory().resolve("jextract/symbols.txt");
    private static final Path HEADER = ChildJvm.baseDirectory().resolve("jextract/libc.h");
    private static final Path TABLE =
            ChildJvm.baseDirectory()
                    .resolve("src/main/generated/io/github/daemonsteps/ffm/libc/Signature.java");

    private static final String OFFSET = "$offset";

    private static final Map<Class<?>, Long> WIDTHS =
            Map.of(byte.class, 1L, short.class, 2L, int.class, 4L, long.class, 8L, MemorySegment.class, 8L);

    private static final String COMMON = "io.github.daemonsteps.ffm.libc.";
    private static final String X64 = COMMON + "linux_x64.";
    private static final String AARCH64 = COMMON + "linux_aarch64.";

    /** A row of the table, with the declaration above it. */
    private static final Pattern ROW =
            Pattern.compile("/\\*\\* \\{@code (.*)} \\*/\n    (\\w+)\\(", Pattern.MULTILINE);

    private static final Pattern DECLARATION =
            Pattern.compile("extern (.*?)(\\w+)\\((.*?)(?:, (\\.\\.\\.))?\\)");

    @Test
    void binding_of_x86_64_is_that_of_the_headers() throws Exception {
        assumeTrue(System.getProperty("os.arch").equals("amd64"),
                "the headers here are those of another architecture");
        CCompiler.host().accepts(audit(X64));
    }

    @Test
    void binding_of_aarch64_is_that_of_the_headers() throws Exception {
        CCompiler.aarch64().accepts(audit(AARCH64));
    }

    @Test
    void wrong_number_is_rejected() {
        CCompiler compiler = CCompiler.host();
        assertThatThrownBy(() -> compiler.accepts(equal("sizeof(int)", 5)))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void signature_with_wrong_type_is_rejected() throws Exception {
        CCompiler compiler = CCompiler.host();
        String right = "extern ssize_t read(int __fd, void *__buf, size_t __nbytes)";
        List<Signature.Type> types = List.of(INT, POINTER, LONG);
        String header = Files.readString(HEADER);
        compiler.accepts(header + signature(right, LONG, types, false));
        for (String wrong : List.of(
                signature(right, INT, types, false),
                signature(right, POINTER, types, false),
                signature(right, LONG, List.of(LONG, POINTER, LONG), false),
                signature(right, LONG, List.of(INT, LONG, LONG), false),
                signature(right.replace("size_t __nbytes", "int __nbytes"), LONG,
                        List.of(INT, POINTER, INT), false),
                signature(right.replace(")", ", ...)"), LONG, types, true))) {
            assertThatThrownBy(() -> compiler.accepts(header + wrong)).as(wrong)
                    .isInstanceOf(AssertionError.class);
        }
    }

    /** The common binding and that of one platform, as assertions of C. */
    private static String audit(String platform) throws Exception {
        var source = new StringBuilder(Files.readString(HEADER));
        Map<String, Long> constants = constants(COMMON);
        constants.putAll(constants(platform));
        assertThat(constants.keySet()).containsExactlyInAnyOrderElementsOf(included("constant"));
        constants.forEach((name, value) -> source.append(equal(name, value)));
        for (String struct : included("struct")) {
            structure(source, "struct " + struct, structure(struct, platform));
        }
        for (String type : included("typedef")) {
            structure(source, type, structure(type, platform));
        }
        List<MatchResult> rows = ROW.matcher(Files.readString(TABLE)).results().toList();
        assertThat(rows).hasSameSizeAs(Signature.values());
        for (MatchResult row : rows) {
            Signature signature = Signature.valueOf(row.group(2));
            assertThat(row.group(1)).contains(signature + "(");
            source.append(signature(row.group(1), signature.result(), signature.parameters(),
                    signature.takes(signature.parameters().size() + 1)));
        }
        // The assumptions of the Java types.
        for (String type : List.of("int", "pid_t", "uid_t", "gid_t", "mode_t", "socklen_t")) {
            source.append(equal("sizeof(" + type + ")", 4));
        }
        for (String type : List.of("long", "void *", "size_t", "ssize_t", "off_t", "nfds_t")) {
            source.append(equal("sizeof(" + type + ")", 8));
        }
        source.append(equal("(long) SIG_DFL", NativeValues.handler(SignalDisposition.SIG_DFL)));
        source.append(equal("(long) SIG_IGN", NativeValues.handler(SignalDisposition.SIG_IGN)));
        return source.toString();
    }

    private static String equal(String expression, long value) {
        return "_Static_assert((" + expression + ") == " + value + "L, \"" + expression + "\");\n";
    }

    private static void structure(StringBuilder source, String type, Class<?> binding) throws Exception {
        for (Map.Entry<String, Long> fact : facts(binding).entrySet()) {
            String name = fact.getKey();
            if (name.equals("sizeof")) {
                source.append(equal("sizeof(" + type + ")", fact.getValue()));
            } else if (name.endsWith(OFFSET)) {
                source.append(equal("__builtin_offsetof(" + type + ", "
                        + name.substring(0, name.length() - OFFSET.length()) + ")", fact.getValue()));
            } else {
                source.append(equal("sizeof(((" + type + " *) 0)->" + name + ")", fact.getValue()));
            }
        }
    }

    /**
     * Returns the size of a structure under the name "sizeof", the offset of each field, and the size of each
     * field that has a getter.
     */
    private static Map<String, Long> facts(Class<?> structure) throws ReflectiveOperationException {
        Map<String, Long> facts = new TreeMap<>();
        for (Method method : structure.getDeclaredMethods()) {
            String name = method.getName();
            if (!Modifier.isPublic(method.getModifiers()) || name.startsWith("__glibc_reserved")
                    || name.startsWith("__unused")) {
                continue;
            }
            if (method.getParameterCount() == 0) {
                facts.put(name, (long) method.invoke(null));
            } else if (method.getParameterCount() == 1) {
                facts.put(name, WIDTHS.get(method.getReturnType()));
            }
        }
        assertThat(facts).hasSizeGreaterThan(1).doesNotContainValue(null);
        return facts;
    }

    /**
     * The declaration once more, which the compiler refuses if it is not that of the header; and a function that has
     * only the declared parameters, whose types it measures.
     */
    private static String signature(String declaration, Signature.Type result,
            List<Signature.Type> parameters,
            boolean variadic) {
        Matcher parts = DECLARATION.matcher(declaration);
        assertThat(parts.matches()).as(declaration).isTrue();
        assertThat(parts.group(4) != null).as(declaration).isEqualTo(variadic);
        String list = parts.group(3);
        List<String> names = list.isEmpty()
                ? List.of()
                : Stream.of(list.split(","))
                        .map(each -> each.replaceAll("\\[\\d*]$", "").replaceAll(".*\\W", ""))
                        .toList();
        assertThat(names).as(declaration).hasSameSizeAs(parameters);
        var source = new StringBuilder(declaration.replace("()", "(void)")).append(";\n");
        source.append("void audit_").append(parts.group(2)).append("(").append(list.isEmpty() ? "void" : list)
                .append(") {\n").append(type(parts.group(1), result));
        for (int i = 0; i < names.size(); i++) {
            source.append(type("__typeof__(" + names.get(i) + ")", parameters.get(i)));
        }
        return source.append("}\n").toString();
    }

    private static String type(String type, Signature.Type expected) {
        return switch (expected) {
            case VOID -> equal("__builtin_types_compatible_p(" + type + ", void)", 1);
            case INT -> equal("sizeof(" + type + ")", 4) + classOf(type, "0");
            case LONG -> equal("sizeof(" + type + ")", 8) + classOf(type, "0");
            case POINTER -> classOf(type, "(void *) 0");
        };
    }

    /** Integers are of one class, pointers of another. */
    private static String classOf(String type, String example) {
        return "_Static_assert(__builtin_classify_type((" + type + ") 0) == __builtin_classify_type("
                + example
                + "), \"\");\n";
    }

    private static Map<String, Long> constants(String binding) throws ReflectiveOperationException {
        return LibcConstants.of(Class.forName(binding + "Libc"));
    }

    private static Class<?> structure(String name, String platform) throws ClassNotFoundException {
        return Class.forName((isGenerated(COMMON, name) ? COMMON : platform) + name);
    }

    private static boolean isGenerated(String binding, String name) {
        return Files.exists(ChildJvm.baseDirectory()
                .resolve("src/main/generated/" + binding.replace('.', '/') + name + ".java"));
    }

    @Test
    void constant_is_in_the_common_binding_unless_it_differs() throws Exception {
        Map<String, Long> x64 = constants(X64);
        Map<String, Long> aarch64 = constants(AARCH64);
        assertThat(x64).hasSameSizeAs(aarch64)
                .allSatisfy((name, value) -> assertThat(aarch64.get(name)).as(name).isNotNull()
                        .isNotEqualTo(value));
        assertThat(constants(COMMON)).isNotEmpty().doesNotContainKeys(x64.keySet().toArray(String[]::new));
    }

    @Test
    void structure_is_in_the_common_binding_unless_it_or_its_owner_differs() throws Exception {
        List<String> structures = new ArrayList<>(included("struct"));
        structures.addAll(included("typedef"));
        List<String> ofPlatforms = new ArrayList<>();
        for (String name : structures) {
            boolean isCommon = isGenerated(COMMON, name);
            assertThat(List.of(isGenerated(X64, name), isGenerated(AARCH64, name))).as(name)
                    .containsOnly(!isCommon);
            if (!isCommon) {
                ofPlatforms.add(name);
            }
        }
        List<String> differing = new ArrayList<>();
        for (String name : ofPlatforms) {
            if (!facts(Class.forName(X64 + name)).equals(facts(Class.forName(AARCH64 + name)))) {
                differing.add(name);
            }
        }
        for (String name : ofPlatforms) {
            assertThat(differing).as(name)
                    .anyMatch(owner -> owner.equals(name)
                            || declaration(owner).contains("struct " + name + " "));
        }
    }

    /** Returns the source of a structure's class, which contains its declaration in C. */
    private static String declaration(String structure) {
        try {
            return Files.readString(ChildJvm.baseDirectory()
                    .resolve("src/main/generated/" + X64.replace('.', '/') + structure + ".java"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void table_has_one_signature_for_each_function_of_the_list() throws IOException {
        assertThat(Stream.of(Signature.values()).map(Signature::name).toList())
                .isEqualTo(included("function"));
    }

    @Test
    void generated_member_is_used() throws IOException {
        String sources = sources("src/main/java") + sources("src/main/relay");
        List<String> unused = new ArrayList<>(included("constant"));
        unused.addAll(included("struct"));
        unused.addAll(included("typedef"));
        unused.removeIf(
                symbol -> sources.contains("Libc." + symbol + "()") || sources.contains(symbol + ".sizeof()")
                        || sources.contains(".set " + symbol + ","));
        assertThat(unused).isEmpty();
    }

    @Test
    void list_of_symbols_is_sorted() throws IOException {
        assertThat(Files.readAllLines(SYMBOLS)).isSorted();
    }

    private static List<String> included(String kind) throws IOException {
        String option = "--include-" + kind + " ";
        return Files.readAllLines(SYMBOLS).stream().filter(line -> line.startsWith(option))
                .map(line -> line.substring(option.length())).toList();
    }

    private static String sources(String directory) throws IOException {
        var text = new StringBuilder();
        try (Stream<Path> files = Files.walk(ChildJvm.baseDirectory().resolve(directory))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                text.append(Files.readString(file));
            }
        }
        return text.toString();
    }
}
