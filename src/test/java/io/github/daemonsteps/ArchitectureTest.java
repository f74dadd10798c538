package io.github.daemonsteps;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.testing.ChildJvm;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The direction of the dependencies between packages, as the class files have them. */
class ArchitectureTest {

    private static final String ROOT = "io.github.daemonsteps";

    /** The packages without their common prefix. Each uses only those before it. */
    private static final List<String> LAYERS =
            List.of(".text", ".ffm.libc", ".posix", ".ffm", ".procfs", ".jvm", ".relay",
                    ".process", ".steps", ".steps.extra", "", ".daemon", ".daemon.files", ".daemon.config",
                    ".daemon.unit", ".daemon.pidfile",
                    ".daemon.readiness", ".daemon.supervisor", ".daemon.control", ".daemon.start",
                    ".daemon.run", ".cli");

    /** The public classes that are the entry to a hidden implementation above them. */
    private static final Set<String> FACADES = Set.of(ROOT + ".daemon.Daemon", ROOT + ".posix.ForkedProcess");

    private static final Path CLASSES = ChildJvm.baseDirectory().resolve("target/classes");

    /** A line of jdeps: {@code io.github.daemonsteps.posix.Errno -> io.github.daemonsteps.text.TerminalSafe classes}. */
    private static final Pattern DEPENDENCY = Pattern.compile("^ +(\\S+) +-> (\\S+) .*$", Pattern.MULTILINE);

    /**
     * A use of one class by another.
     *
     * @param user the class that uses the other, without the names of nested classes
     * @param used the class that is used
     */
    private record Use(String user, String used) {

        private String userPackage() {
            return layer(user);
        }

        private String usedPackage() {
            return layer(used);
        }

        private static String layer(String name) {
            String withoutClass = name.substring(ROOT.length(), name.lastIndexOf('.'));
            return withoutClass.startsWith(".ffm.libc") ? ".ffm.libc" : withoutClass;
        }

        private boolean isUpward() {
            return LAYERS.indexOf(userPackage()) < LAYERS.indexOf(usedPackage());
        }

        @Override
        public String toString() {
            return user + " uses " + used;
        }
    }

    private static final List<Use> ALL = new ArrayList<>();

    @BeforeAll
    static void readClassFiles() {
        var out = new StringWriter();
        int status =
                ToolProvider.findFirst("jdeps").orElseThrow().run(new PrintWriter(out), new PrintWriter(out),
                        "--ignore-missing-deps", "-verbose:class", "-filter:none", CLASSES.toString());
        assertThat(status).as(out.toString()).isZero();
        Matcher lines = DEPENDENCY.matcher(out.toString());
        while (lines.find()) {
            ALL.add(new Use(outermost(lines.group(1)), outermost(lines.group(2))));
        }
    }

    private static String outermost(String name) {
        int nested = name.indexOf('$');
        return nested < 0 || name.startsWith(ROOT + ".ffm.libc") ? name : name.substring(0, nested);
    }

    private static Stream<Use> amongOurOwn() {
        return ALL.stream().filter(use -> use.user().startsWith(ROOT) && use.used().startsWith(ROOT));
    }

    @Test
    void package_of_each_class_has_a_place_in_the_order() {
        assertThat(amongOurOwn().flatMap(use -> Stream.of(use.userPackage(), use.usedPackage()))
                .collect(toSet()))
                .containsExactlyInAnyOrderElementsOf(LAYERS);
    }

    @Test
    void package_uses_only_packages_below_it_except_through_a_facade() {
        Set<String> facades = new TreeSet<>();
        List<Use> upward = new ArrayList<>();
        amongOurOwn().filter(Use::isUpward).forEach(use -> {
            if (FACADES.contains(use.user())) {
                facades.add(use.user());
            } else {
                upward.add(use);
            }
        });
        assertThat(upward).isEmpty();
        assertThat(facades).as("facades that need the exception").isEqualTo(new TreeSet<>(FACADES));
    }

    @Test
    void class_below_a_facade_does_not_use_it() {
        assertThat(amongOurOwn().filter(use -> use.used().equals(ROOT + ".daemon.Daemon"))
                .filter(use -> !use.userPackage().equals(".cli"))
                .filter(use -> !use.user().equals(use.used()))).isEmpty();
    }

    @Test
    void foreign_memory_is_used_in_three_packages() {
        assertThat(ALL.stream()
                .filter(use -> use.user().startsWith(ROOT) && use.used().startsWith("java.lang.foreign."))
                .map(Use::userPackage).collect(toSet()))
                .containsExactlyInAnyOrder(".ffm.libc", ".ffm", ".relay");
    }

    /** Reflection calls these methods, so the class files do not show the calls. */
    @Test
    void signals_are_handled_in_one_package() throws IOException {
        Path sources = ChildJvm.baseDirectory().resolve("src/main/java/io/github/daemonsteps");
        List<Path> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(sources)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (Files.readString(file).contains("sun.misc")) {
                    found.add(file);
                }
            }
        }
        assertThat(found).containsExactly(sources.resolve("daemon/run/SignalHandlers.java"));
    }

    @Test
    void public_signature_has_no_type_of_a_hidden_package() throws Exception {
        ModuleDescriptor descriptor = ModuleFinder.of(CLASSES).find(ROOT).orElseThrow().descriptor();
        Set<String> exported =
                descriptor.exports().stream().map(ModuleDescriptor.Exports::source).collect(toSet());
        List<String> wrong = new ArrayList<>();
        for (String name : publicClasses(exported)) {
            Class<?> type = Class.forName(name, false, getClass().getClassLoader());
            if (isVisible(type)) {
                signatures(type)
                        .filter(used -> used.getName().startsWith(ROOT) && !isExported(used, exported))
                        .forEach(used -> wrong.add(name + " shows " + used.getName()));
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static boolean isExported(Class<?> type, Set<String> exported) {
        return exported.contains(type.getPackageName()) && isVisible(type);
    }

    private static boolean isVisible(Class<?> type) {
        return Modifier.isPublic(type.getModifiers())
                && (type.getDeclaringClass() == null || isVisible(type.getDeclaringClass()));
    }

    private static Set<String> publicClasses(Set<String> exported) throws IOException {
        try (var files = Files.walk(CLASSES)) {
            return files.map(file -> CLASSES.relativize(file).toString())
                    .filter(file -> file.endsWith(".class") && !file.endsWith("-info.class"))
                    .map(file -> file.substring(0, file.length() - ".class".length()).replace('/', '.'))
                    .filter(name -> exported.contains(name.substring(0, name.lastIndexOf('.'))))
                    .collect(toSet());
        }
    }

    private static Stream<Class<?>> signatures(Class<?> type) {
        Stream<Class<?>> methods = Arrays.stream(type.getDeclaredMethods()).filter(ArchitectureTest::isPublic)
                .flatMap(method -> Stream.concat(Stream.of(method.getReturnType()),
                        Arrays.stream(method.getParameterTypes())));
        Stream<Class<?>> constructors = Arrays.stream(type.getConstructors())
                .flatMap(constructor -> Arrays.stream(constructor.getParameterTypes()));
        Stream<Class<?>> fields = Arrays.stream(type.getFields()).map(Field::getType);
        Stream<Class<?>> supers = Stream.concat(Stream.ofNullable(type.getSuperclass()),
                Arrays.stream(type.getInterfaces()));
        return Stream.of(methods, constructors, fields, supers).flatMap(all -> all)
                .map(used -> used.isArray() ? used.getComponentType() : used);
    }

    private static boolean isPublic(Method method) {
        return Modifier.isPublic(method.getModifiers()) && !method.isSynthetic();
    }
}
