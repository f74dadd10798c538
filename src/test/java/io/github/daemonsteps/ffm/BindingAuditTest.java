package io.github.daemonsteps.ffm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.daemonsteps.posix.SignalDisposition;
import io.github.daemonsteps.testing.ChildJvm;
import java.io.IOException;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The generated bindings against the C headers, as the C compiler reads them: every constant, every
 * structure's size and fields, every prototype. And: nothing is generated that nobody uses.
 */
class BindingAuditTest {

    private static final Path SYMBOLS = ChildJvm.baseDirectory().resolve("jextract/symbols.txt");
    private static final Path HEADER = ChildJvm.baseDirectory().resolve("jextract/libc.h");

    /** POSIX and the man pages: what the calls here rely on. */
    private static final List<String> PROTOTYPES = List.of("int *__errno_location(void)",
            "void _exit(int)",
            "int access(const char *, int)",
            "int chdir(const char *)",
            "int close(int)",
            "int dup2(int, int)",
            "int execve(const char *, char *const *, char *const *)",
            "int fchmod(int, mode_t)",
            "int fchown(int, uid_t, gid_t)",
            "int fcntl(int, int, ...)",
            "int flock(int, int)",
            "pid_t fork(void)",
            "int fstat(int, struct stat *)",
            "int fsync(int)",
            "int ftruncate(int, off_t)",
            "gid_t getgid(void)",
            "int getgrnam_r(const char *, struct group *, char *, size_t, struct group **)",
            "int getgrouplist(const char *, gid_t, gid_t *, int *)",
            "pid_t getpgid(pid_t)",
            "pid_t getpid(void)",
            "pid_t getppid(void)",
            "int getpwnam_r(const char *, struct passwd *, char *, size_t, struct passwd **)",
            "int getpwuid_r(uid_t, struct passwd *, char *, size_t, struct passwd **)",
            "pid_t getsid(pid_t)",
            "uid_t getuid(void)",
            "int kill(pid_t, int)",
            "int lstat(const char *, struct stat *)",
            "int mkdir(const char *, mode_t)",
            "void *mmap(void *, size_t, int, int, int, off_t)",
            "int mprotect(void *, size_t, int)",
            "int munmap(void *, size_t)",
            "int open(const char *, int, ...)",
            "int pipe2(int *, int)",
            "int poll(struct pollfd *, nfds_t, int)",
            "ssize_t read(int, void *, size_t)",
            "ssize_t readlink(const char *, char *, size_t)",
            "ssize_t send(int, const void *, size_t, int)",
            "int setpgid(pid_t, pid_t)",
            "pid_t setsid(void)",
            "sighandler_t signal(int, sighandler_t)",
            "int sigprocmask(int, const sigset_t *, sigset_t *)",
            "int socketpair(int, int, int, int *)",
            "int stat(const char *, struct stat *)",
            "long syscall(long, ...)",
            "long sysconf(int)",
            "mode_t umask(mode_t)",
            "int unlink(const char *)",
            "pid_t waitpid(pid_t, int *, int)",
            "ssize_t write(int, const void *, size_t)");

    @Test
    void the_binding_of_x86_64_is_that_of_the_headers() throws Exception {
        assumeTrue(System.getProperty("os.arch").equals("amd64"),
                "the headers here are those of another architecture");
        CCompiler.host().accepts(audit("linux_x64"));
    }

    @Test
    void the_binding_of_aarch64_is_that_of_the_headers() throws Exception {
        CCompiler.aarch64().accepts(audit("linux_aarch64"));
    }

    @Test
    void a_wrong_number_would_be_found() {
        CCompiler compiler = CCompiler.host();
        org.assertj.core.api.Assertions
                .assertThatThrownBy(() -> compiler.accepts(equal("sizeof(int)", 5)))
                .isInstanceOf(AssertionError.class);
    }

    private static String audit(String platform) throws Exception {
        String binding = "io.github.daemonsteps.ffm.libc." + platform + ".";
        var source = new StringBuilder(Files.readString(HEADER));
        Class<?> libc = Class.forName(binding + "Libc");
        for (String constant : included("constant")) {
            Object value = libc.getMethod(constant).invoke(null);
            source.append(equal(constant, ((Number) value).longValue()));
        }
        for (String struct : included("struct")) {
            structure(source, "struct " + struct, Class.forName(binding + struct));
        }
        for (String type : included("typedef")) {
            structure(source, type, Class.forName(binding + type));
        }
        for (String prototype : PROTOTYPES) {
            String name = name(prototype);
            source.append("_Static_assert(__builtin_types_compatible_p(__typeof__(").append(name)
                    .append("), __typeof__(")
                    .append(prototype.replaceFirst("\\b" + name + "\\(", "(")).append(")), \"").append(name)
                    .append("\");\n");
        }
        // What the Java types take for granted.
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
        var layout = (GroupLayout) binding.getMethod("layout").invoke(null);
        source.append(equal("sizeof(" + type + ")", layout.byteSize()));
        for (Method method : binding.getMethods()) {
            String field = method.getName();
            boolean isOffset = field.endsWith("$offset") && Modifier.isStatic(method.getModifiers());
            if (isOffset && !field.startsWith("__glibc_reserved") && !field.startsWith("__unused")) {
                String name = field.substring(0, field.length() - "$offset".length());
                source.append(
                        equal("__builtin_offsetof(" + type + ", " + name + ")", (long) method.invoke(null)));
                source.append(equal("sizeof(((" + type + " *) 0)->" + name + ")",
                        layout.select(PathElement.groupElement(name)).byteSize()));
            }
        }
    }

    private static String name(String prototype) {
        String head = prototype.substring(0, prototype.indexOf('('));
        return head.substring(Math.max(head.lastIndexOf(' '), head.lastIndexOf('*')) + 1);
    }

    @Test
    void every_function_of_the_binding_has_its_prototype_audited() throws IOException {
        assertThat(PROTOTYPES.stream().map(BindingAuditTest::name).toList()).isEqualTo(included("function"));
    }

    @Test
    void the_functions_called_are_those_of_the_binding() throws IOException {
        assertThat(Stream.of(CFunction.values()).map(CFunction::symbol).toList())
                .containsExactlyInAnyOrderElementsOf(included("function"));
    }

    @Test
    void nothing_is_generated_that_nobody_uses() throws IOException {
        String sources = sources("src/main/java") + sources("src/main/relay");
        List<String> unused = new ArrayList<>(included("constant"));
        unused.addAll(included("struct"));
        unused.addAll(included("typedef"));
        unused.removeIf(
                symbol -> sources.contains("Libc." + symbol + "()") || sources.contains(symbol + ".sizeof()")
                        || sources.contains(".set " + symbol + ","));
        // struct stat has three of them
        assertThat(unused).containsExactly("timespec");
    }

    @Test
    void the_list_of_symbols_is_sorted() throws IOException {
        assertThat(Files.readAllLines(SYMBOLS)).isSorted();
    }

    private static List<String> included(String kind) throws IOException {
        String option = "--include-" + kind + " ";
        return Files.readAllLines(SYMBOLS).stream().filter(line -> line.startsWith(option))
                .map(line -> line.substring(option.length())).toList();
    }

    private static String sources(String folder) throws IOException {
        var text = new StringBuilder();
        try (Stream<Path> files = Files.walk(ChildJvm.baseDirectory().resolve(folder))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                text.append(Files.readString(file));
            }
        }
        return text.toString();
    }
}
