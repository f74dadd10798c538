package io.github.daemonsteps.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.testing.Command;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Users by name and number, and the variables that they get from a launcher's environment. */
class UserIdentityTest {

    private static List<Long> idsOf(String user) throws Exception {
        return Stream.of(Command.run("id", "-G", user).output().trim().split(" ")).map(Long::valueOf)
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"root", "daemon", "nobody"})
    void name_of_user_is_found_in_the_database(String name) throws Exception {
        UserIdentity identity = UserIdentity.of(name);
        assertThat(identity.name()).hasToString(name);
        assertThat(identity.uid()).isEqualTo(Long.parseLong(Command.run("id", "-u", name).output().trim()));
        assertThat(identity.gid()).isEqualTo(Long.parseLong(Command.run("id", "-g", name).output().trim()));
        assertThat(identity.groups()).containsExactlyInAnyOrderElementsOf(idsOf(name));
        assertThat(UserIdentity.of(Long.toString(identity.uid()))).as("by its number").isEqualTo(identity);
    }

    @ParameterizedTest
    @CsvSource({"nobody:daemon, 1", "nobody:1, 1", "65534:4711, 4711"})
    void given_group_is_the_primary_group(String text, long gid) {
        UserIdentity identity = UserIdentity.of(text);
        assertThat(identity.gid()).isEqualTo(gid);
        assertThat(identity.groups()).contains(gid);
    }

    @Test
    void user_number_needs_no_entry_with_a_group() {
        assertThat(UserIdentity.of("61234:61235"))
                .isEqualTo(new UserIdentity(CString.of("61234"), 61_234, 61_235,
                        List.of(61_235L), CString.of("/"), CString.of("/bin/sh")));
        assertThat(UserIdentity.of("4294967294:0").uid()).isEqualTo(4_294_967_294L);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"'' | NAME[:GROUP]", ": | NAME[:GROUP]", "root: | NAME[:GROUP]",
        ":root | NAME[:GROUP]", "no such user | user \"no such user\" does not exist",
        "root:no such group | group \"no such group\" does not exist", "-1 | user \"-1\" does not exist",
        "0x0 | does not exist", "root:root:root | group \"root:root\" does not exist",
        "61234 | user 61234 does not have an entry: add its group, as in 61234:61234",
        "4294967295:1 | the number of a user is at most 4294967294, not 4294967295",
        "99999999999999999999 | the number of a user is at most", "0:4294967295 | the number of a group"})
    void unknown_user_or_group_is_refused_in_one_line(String text, String why) {
        assertThatIllegalArgumentException().isThrownBy(() -> UserIdentity.of(text))
                .withMessageContaining(why).satisfies(
                        refused -> assertThat(refused.getMessage()).doesNotContain("\n"));
    }

    @Test
    void environment_of_identity_has_allowed_variables_and_its_own() {
        var launcher = new Environment(CString.listOf("PATH=/bin", "HOME=/root", "USER=root", "LOGNAME=root",
                "SHELL=/bin/bash", "AWS_SECRET=s", "LC_ALL=C", "LC_TIME=C", "LANG=C", "LANGUAGE=en", "TZ=UTC",
                "TERM=vt100", "JAVA_HOME=/jdk", "PATHS=x", "LD_PRELOAD=/x.so", "XDG_RUNTIME_DIR=/run/user/0",
                "no variable", "=x"));
        var ada = new UserIdentity(CString.of("ada"), 1000, 100, List.of(100L), CString.of("/home/ada"),
                CString.of("/bin/zsh"));
        List<CString> own = CString.listOf("HOME=/home/ada", "USER=ada", "LOGNAME=ada", "SHELL=/bin/zsh");
        assertThat(ada.environment(launcher, false).variables()).containsExactlyInAnyOrderElementsOf(
                Stream.concat(own.stream(), CString.listOf("PATH=/bin", "LC_ALL=C", "LC_TIME=C", "LANG=C",
                        "LANGUAGE=en", "TZ=UTC", "TERM=vt100", "JAVA_HOME=/jdk").stream()).toList());
        assertThat(ada.environment(launcher, true).variables()).containsAll(own)
                .contains(CString.of("AWS_SECRET=s"), CString.of("LD_PRELOAD=/x.so"))
                .doesNotContain(CString.of("HOME=/root")).hasSameSizeAs(launcher.variables());
    }
}
