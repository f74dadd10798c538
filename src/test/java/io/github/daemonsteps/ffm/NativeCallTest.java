package io.github.daemonsteps.ffm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class NativeCallTest {

    @Test
    void call_with_the_arguments_of_its_signature_has_six_words() {
        assertThat(new NativeCall(CFunction.GETPID).words()).containsExactly(0, 0, 0, 0, 0, 0);
        assertThat(new NativeCall(CFunction.DUP2).argument(7).argument(8).words()).containsExactly(7, 8, 0, 0,
                0, 0);
    }

    @Test
    void call_of_variadic_function_takes_more_arguments_than_are_declared() {
        assertThat(new NativeCall(CFunction.OPEN).argument(7).argument(8).words()).startsWith(7, 8, 0);
        assertThat(new NativeCall(CFunction.OPEN).argument(7).argument(8).argument(9).words()).startsWith(7,
                8, 9);
    }

    @Test
    void call_with_another_number_of_arguments_throws() {
        assertThatThrownBy(() -> new NativeCall(CFunction.DUP2).argument(7).words())
                .isInstanceOf(IllegalStateException.class).hasMessage("dup2: does not take 1 arguments");
        assertThatThrownBy(() -> new NativeCall(CFunction.GETPID).argument(7).words())
                .isInstanceOf(IllegalStateException.class).hasMessage("getpid: does not take 1 arguments");
        assertThatThrownBy(() -> new NativeCall(CFunction.OPEN).argument(7).words())
                .isInstanceOf(IllegalStateException.class).hasMessage("open: does not take 1 arguments");
    }
}
