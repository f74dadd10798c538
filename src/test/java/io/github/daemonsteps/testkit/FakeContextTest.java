package io.github.daemonsteps.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The fake context of an application. */
class FakeContextTest {

    private final TestDaemonContext context = TestDaemonContext.named("echo", "a", "b");

    @Test
    void application_sees_name_arguments_and_directory() {
        assertThat(context.name()).isEqualTo("echo");
        assertThat(context.args()).containsExactly("a", "b");
        assertThat(context.startedIn(Path.of("/srv")).resolve("x")).isEqualTo(Path.of("/srv/x"));
        assertThat(context.resolve("/x")).isEqualTo(Path.of("/x"));
        assertThat(context.resolve("x")).isEqualTo(Path.of("x").toAbsolutePath());
    }

    @Test
    void ready_message_is_kept_and_a_second_one_is_refused() throws Exception {
        assertThat(context.isReady()).isFalse();
        assertThat(context.readyMessage()).isEmpty();
        context.run(new EchoDaemon());
        assertThat(context.isReady()).isTrue();
        assertThat(context.readyMessage()).contains("arguments [a, b]");
        assertThatThrownBy(context::ready).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void ready_on_another_thread_is_awaited() throws Exception {
        Thread.ofVirtual().start(context::ready);
        context.awaitReady(Duration.ofSeconds(30));
        assertThatThrownBy(() -> TestDaemonContext.named("x").awaitReady(Duration.ofMillis(1)))
                .isInstanceOf(AssertionError.class)
                .hasMessage("the application has not called ready() within 1 ms");
    }

    @Test
    void reload_performs_actions_in_order_and_stop_in_reverse() {
        List<String> done = new ArrayList<>();
        for (String each : List.of("1", "2")) {
            context.onReload(() -> done.add("reload " + each));
            context.onStop(() -> done.add("stop " + each));
        }
        context.reload();
        context.stop();
        assertThat(done).containsExactly("reload 1", "reload 2", "stop 2", "stop 1");
    }

    @Test
    void status_and_health_check_are_kept() {
        assertThat(context.isHealthy()).isTrue();
        context.status("12 connections");
        context.watchdog(() -> false);
        assertThat(context.statuses()).containsExactly("12 connections");
        assertThat(context.isHealthy()).isFalse();
    }

    @Test
    void action_that_throws_does_not_prevent_the_next_one_and_is_kept() {
        List<String> done = new ArrayList<>();
        var thrown = new IllegalStateException("no");
        context.onReload(() -> {
            throw thrown;
        });
        context.onReload(() -> done.add("next"));
        context.reload();
        assertThat(done).containsExactly("next");
        assertThat(context.failures()).containsExactly(thrown);
    }

    @Test
    void extensions_of_the_start_are_kept_and_negative_ones_refused() {
        context.extendStartTimeout(Duration.ofSeconds(5));
        assertThat(context.extensions()).containsExactly(Duration.ofSeconds(5));
        assertThatThrownBy(() -> context.extendStartTimeout(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
