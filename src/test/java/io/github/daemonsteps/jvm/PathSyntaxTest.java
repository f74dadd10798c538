package io.github.daemonsteps.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PathSyntaxTest {

    private static String marked(PathSyntax shape, String value) {
        return shape.map(value, path -> "<" + path + ">");
    }

    @Test
    void file_option_has_one_path_unless_empty() {
        assertThat(marked(PathSyntax.FILE, "a:b=c")).isEqualTo("<a:b=c>");
        assertThat(marked(PathSyntax.FILE, "")).isEmpty();
    }

    @Test
    void key_store_may_be_missing() {
        assertThat(marked(PathSyntax.KEY_STORE, "NONE")).isEqualTo("NONE");
        assertThat(marked(PathSyntax.KEY_STORE, "none")).isEqualTo("<none>");
    }

    @Test
    void url_is_a_path_only_if_relative() {
        assertThat(marked(PathSyntax.FILE_OR_URL, "file:/etc/x")).isEqualTo("file:/etc/x");
        assertThat(marked(PathSyntax.FILE_OR_URL, "=https://host/x")).isEqualTo("=https://host/x");
        assertThat(marked(PathSyntax.FILE_OR_URL, "${java.home}/x")).isEqualTo("${java.home}/x");
        assertThat(marked(PathSyntax.FILE_OR_URL, "==x")).isEqualTo("==<x>");
        assertThat(marked(PathSyntax.FILE_OR_URL, "file:x")).isEqualTo("<file:x>");
    }

    @Test
    void options_of_an_agent_begin_at_the_first_equals_sign() {
        assertThat(marked(PathSyntax.FILE_THEN_OPTIONS, "a.jar=b=c")).isEqualTo("<a.jar>=b=c");
        assertThat(marked(PathSyntax.FILE_THEN_OPTIONS, "a.jar")).isEqualTo("<a.jar>");
    }

    @Test
    void list_has_its_own_rule_for_empty_elements() {
        assertThat(marked(PathSyntax.LIST, ":a::b:")).isEqualTo(":<a>::<b>:");
        assertThat(marked(PathSyntax.CLASS_PATH, ":a::b/*:")).isEqualTo("<>:<a>:<>:<b/*>:<>");
        assertThat(marked(PathSyntax.MODULE_PATH, ":a::b::")).isEqualTo("<>:<a>:<>:<b>::");
        assertThat(marked(PathSyntax.MODULE_PATH, "::")).isEqualTo("::");
        assertThat(marked(PathSyntax.MODULE_PATCH, "m=a::b")).isEqualTo("m=<a>::<b>");
    }

    @Test
    void log_option_has_a_file_unless_its_second_part_names_none() {
        assertThat(PathSyntax.LOG_OUTPUT.paths("gc:x.log")).containsExactly("x.log");
        assertThat(PathSyntax.LOG_OUTPUT.paths("gc*=debug,jit:file=x.log:none:filecount=0"))
                .containsExactly("x.log");
        assertThat(PathSyntax.LOG_OUTPUT.paths(":file=x.log")).containsExactly("x.log");
        assertThat(PathSyntax.LOG_OUTPUT.paths("gc:file=\"x:y.log\":none")).containsExactly("x:y.log");
        assertThat(PathSyntax.LOG_OUTPUT.paths("gc:\"x:y.log\"")).containsExactly("x:y.log");
        for (String none : new String[]{"gc", "gc:", "gc::uptime", "gc:stdout", "gc:stderr:pid", "gc:#0",
            "disable", "async:drop", "help"}) {
            assertThat(PathSyntax.LOG_OUTPUT.paths(none)).as(none).isEmpty();
        }
        assertThat(marked(PathSyntax.LOG_OUTPUT, "gc:file=\"x:y\":none")).isEqualTo("gc:file=\"<x:y>\":none");
    }

    @Test
    void recording_has_a_file_and_settings() {
        assertThat(
                PathSyntax.FLIGHT_RECORDING.paths("name=a,filename=x.jfr,settings=my.jfc,settings=profile"))
                .containsExactly("x.jfr", "my.jfc");
        assertThat(PathSyntax.FLIGHT_RECORDING.paths("filename='a,b.jfr',settings=\"default.jfc\""))
                .containsExactly("a,b.jfr");
        assertThat(PathSyntax.FLIGHT_RECORDING.paths("duration=1s,filename=")).isEmpty();
        assertThat(PathSyntax.FLIGHT_RECORDER.paths("stackdepth=64,repository=r,dumppath=d"))
                .containsExactly("r", "d");
    }
}
