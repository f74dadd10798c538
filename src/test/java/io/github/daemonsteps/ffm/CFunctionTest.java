package io.github.daemonsteps.ffm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.github.daemonsteps.ffm.libc.Signature;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The C functions, and the places where each may be called. */
class CFunctionTest {

    @Test
    void function_has_the_signature_of_its_name() {
        assertThat(CFunction.values()).extracting(CFunction::signature)
                .containsExactlyInAnyOrder(Signature.values());
        assertThat(CFunction.values())
                .allSatisfy(function -> assertThat(function.symbol()).isEqualToIgnoringCase(function.name()));
    }

    @ParameterizedTest
    @EnumSource
    void arguments_of_function_fit_into_six_registers(CFunction function) {
        assertThat(function.signature().parameters()).hasSizeLessThanOrEqualTo(6)
                .doesNotContain(Signature.Type.VOID);
    }

    @ParameterizedTest
    @EnumSource
    void function_exists_in_the_c_library(CFunction function) {
        assertThatNoException().isThrownBy(function::address);
    }

    @Test
    void int_result_is_the_lower_half_of_the_register() {
        assertThat(CFunction.CLOSE.narrow(0xdeadbeef_ffffffffL)).isEqualTo(-1);
        assertThat(CFunction.CLOSE.narrow(0xdeadbeef_00000007L)).isEqualTo(7);
        assertThat(CFunction.READ.narrow(0x00000001_ffffffffL)).isEqualTo(0x1_ffff_ffffL);
    }

    @Test
    void function_with_locks_or_allocation_is_not_allowed_after_a_fork() {
        assertThat(CFunction.values()).filteredOn(CFunction::allowedInChild).extracting(CFunction::symbol)
                .containsExactlyInAnyOrder(
                        // signal-safety(7)
                        "_exit", "access", "bind", "chdir", "chown", "close", "dup2", "execve", "fchmod",
                        "fcntl",
                        "fork",
                        "fstat", "fsync", "ftruncate", "getgid", "getsockname", "listen", "lstat", "unlink",
                        "waitpid",
                        "getpid", "getppid", "getuid",
                        "kill", "open", "poll", "read", "setpgid", "setsid", "setsockopt", "signal",
                        "sigprocmask", "socket", "stat",
                        "umask",
                        "write",
                        // bare wrappers of system calls
                        "flock", "getpgid", "getsid", "pipe2", "syscall");
    }
}
