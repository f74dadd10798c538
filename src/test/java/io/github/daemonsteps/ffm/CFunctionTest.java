package io.github.daemonsteps.ffm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The functions as they are called, compared with jextract's descriptors of both platforms. */
class CFunctionTest {

    private static final Map<String, Class<?>> BINDINGS =
            Map.of("linux_x64", io.github.daemonsteps.ffm.libc.linux_x64.Libc.class,
                    "linux_aarch64", io.github.daemonsteps.ffm.libc.linux_aarch64.Libc.class);

    /** How many parameters of a variadic function are declared; the others follow from how it is called. */
    private static final Map<CFunction, Integer> VARIADIC =
            Map.of(CFunction.OPEN, 2, CFunction.FCNTL, 2, CFunction.SYSCALL, 1);

    @TestFactory
    List<DynamicTest> a_function_is_called_as_the_binding_declares_it() {
        return BINDINGS.entrySet().stream()
                .flatMap(binding -> java.util.Arrays.stream(CFunction.values())
                        .map(function -> DynamicTest.dynamicTest(binding.getKey() + " " + function.symbol(),
                                () -> compare(function, binding.getValue()))))
                .toList();
    }

    private static void compare(CFunction function, Class<?> binding) throws Exception {
        FunctionDescriptor declared = descriptor(function, binding);
        assertThat(declared.returnLayout().map(CFunctionTest::type).orElse(CFunction.Type.VOID))
                .isEqualTo(function.result());
        assertThat(declared.argumentLayouts().stream().map(CFunctionTest::type).toList())
                .isEqualTo(function.parameters());
    }

    private static FunctionDescriptor descriptor(CFunction function, Class<?> binding) throws Exception {
        Integer declared = VARIADIC.get(function);
        if (declared == null) {
            return (FunctionDescriptor) binding.getMethod(function.symbol() + "$descriptor").invoke(null);
        }
        Class<?> invoker = Class.forName(binding.getName() + "$" + function.symbol());
        MemoryLayout[] variable = function.parameters()
                .subList(declared, function.parameters().size())
                .stream()
                .map(type -> type == CFunction.Type.INT ? ValueLayout.JAVA_INT : ValueLayout.JAVA_LONG)
                .toArray(MemoryLayout[]::new);
        Object made = invoker.getMethod("makeInvoker", MemoryLayout[].class).invoke(null, (Object) variable);
        return (FunctionDescriptor) invoker.getMethod("descriptor").invoke(made);
    }

    private static CFunction.Type type(MemoryLayout layout) {
        return switch (layout) {
            case ValueLayout.OfInt _ -> CFunction.Type.INT;
            case ValueLayout.OfLong _ -> CFunction.Type.LONG;
            case AddressLayout _ -> CFunction.Type.POINTER;
            default -> throw new AssertionError("not a type that goes into a general register: " + layout);
        };
    }

    @ParameterizedTest
    @EnumSource
    void its_arguments_fit_into_the_six_registers(CFunction function) {
        assertThat(function.parameters()).hasSizeLessThanOrEqualTo(6).doesNotContain(CFunction.Type.VOID);
    }

    @ParameterizedTest
    @EnumSource
    void the_c_library_has_it(CFunction function) {
        assertThatNoException().isThrownBy(function::address);
    }

    @Test
    void of_an_int_only_the_lower_half_of_the_register_counts() {
        assertThat(CFunction.CLOSE.narrow(0xdeadbeef_ffffffffL)).isEqualTo(-1);
        assertThat(CFunction.CLOSE.narrow(0xdeadbeef_00000007L)).isEqualTo(7);
        assertThat(CFunction.READ.narrow(0x00000001_ffffffffL)).isEqualTo(0x1_ffff_ffffL);
    }

    @Test
    void nothing_that_takes_locks_or_allocates_is_allowed_after_a_fork() {
        assertThat(CFunction.values()).filteredOn(CFunction::allowedInChild).extracting(CFunction::symbol)
                .containsExactlyInAnyOrder(
                        // signal-safety(7)
                        "_exit", "access", "chdir", "close", "dup2", "execve", "fchmod", "fcntl", "fork",
                        "fstat", "fsync", "ftruncate", "getgid", "lstat", "unlink", "waitpid",
                        "getpid", "getppid", "getuid",
                        "kill", "open", "poll", "read", "setpgid", "setsid", "signal", "sigprocmask", "stat",
                        "umask",
                        "write",
                        // bare wrappers of system calls
                        "flock", "getpgid", "getsid", "pipe2", "syscall");
    }
}
