package io.github.daemonsteps.process;

import io.github.daemonsteps.ffm.UserDatabase;
import io.github.daemonsteps.ffm.UserDatabase.User;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Credentials;
import io.github.daemonsteps.text.AsciiNumber;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Who a process is to be: a user, its groups, and what the user's environment says of it.
 *
 * @param name the user's name; the number as text for one that has none
 * @param uid the user
 * @param gid the first group
 * @param groups all groups, the first one too
 * @param home the home directory
 * @param shell the shell
 */
public record UserIdentity(CString name, long uid, long gid, List<Long> groups, CString home, CString shell) {

    /** What {@link #environment} lets through of a launcher's environment, besides all {@code LC_} variables. */
    public static final Set<String> INHERITED_VARIABLES =
            Set.of("JAVA_HOME", "LANG", "LANGUAGE", "PATH", "TERM", "TZ");

    private static final CString LOCALE_PREFIX = CString.of("LC_");
    private static final CString NO_HOME = CString.of("/");
    private static final CString DEFAULT_SHELL = CString.of("/bin/sh");

    /** Keeps an unmodifiable copy of the groups. */
    public UserIdentity {
        groups = List.copyOf(groups);
    }

    /**
     * Looks a user up, and if it is said a group: {@code NAME[:GROUP]}, each a name or a number. A name that consists of
     * digits comes before the number. Without a group it is the user's own. The supplementary groups are those that the
     * database has for the user.
     *
     * @throws IllegalArgumentException if there is none, or it is no such text, saying what is wrong
     * @throws io.github.daemonsteps.posix.PosixException if the database cannot be read
     */
    public static UserIdentity of(CString userAndGroup) {
        UserDatabase database = UserDatabase.get();
        int colon = userAndGroup.indexOf(':');
        CString userText = colon < 0 ? userAndGroup : userAndGroup.until(colon);
        Optional<CString> groupText =
                colon < 0 ? Optional.empty() : Optional.of(userAndGroup.from(colon + 1));
        if (userText.length() == 0 || groupText.filter(text -> text.length() == 0).isPresent()) {
            throw new IllegalArgumentException("a user is NAME[:GROUP], not " + userAndGroup.quoted());
        }
        Optional<User> user = database.user(userText);
        if (user.isEmpty()) {
            long uid = number("user", userText);
            user = database.user(uid);
            if (user.isEmpty()) {
                return nameless(uid, groupText.map(text -> group(text, database)).orElseThrow(
                        () -> new IllegalArgumentException("user " + uid
                                + " has no entry, so its group has to be given too, as in " + uid + ":"
                                + uid)));
            }
        }
        return of(user.get(), groupText.map(text -> group(text, database)).orElse(user.get().gid()),
                database);
    }

    /** The UTF-8 bytes of a text. */
    public static UserIdentity of(String userAndGroup) {
        return of(CString.of(userAndGroup));
    }

    private static UserIdentity of(User user, long gid, UserDatabase database) {
        return new UserIdentity(user.name(), user.uid(), gid, database.groups(user.name(), gid),
                user.home().length() == 0 ? NO_HOME : user.home(),
                user.shell().length() == 0 ? DEFAULT_SHELL : user.shell());
    }

    private static UserIdentity nameless(long uid, long gid) {
        return new UserIdentity(CString.of(Long.toString(uid)), uid, gid, List.of(gid), NO_HOME,
                DEFAULT_SHELL);
    }

    private static long group(CString text, UserDatabase database) {
        return database.group(text).orElseGet(() -> number("group", text));
    }

    /** A number needs no entry in the database. */
    private static long number(String what, CString text) {
        String digits = text.toString();
        if (!digits.matches("[0-9]+")) {
            throw new IllegalArgumentException("there is no " + what + " " + text.quoted());
        }
        if (digits.length() > 10 || AsciiNumber.parseLong(digits) > Credentials.HIGHEST_ID) {
            throw new IllegalArgumentException(
                    "the number of a " + what + " is at most " + Credentials.HIGHEST_ID
                            + ", not " + digits);
        }
        return AsciiNumber.parseLong(digits);
    }

    /**
     * The environment of this user's program: HOME, USER, LOGNAME and SHELL are the user's own; of the others that the
     * launcher has those that are {@link #INHERITED_VARIABLES}, or all.
     *
     * @param launcher what the launcher has
     * @param all whether all of it is handed down
     */
    public Environment environment(Environment launcher, boolean all) {
        var environment = all
                ? launcher
                : new Environment(launcher.variables().stream().filter(UserIdentity::isAllowed).toList());
        return environment.with(variable("HOME", home)).with(variable("USER", name))
                .with(variable("LOGNAME", name)).with(variable("SHELL", shell));
    }

    private static boolean isAllowed(CString variable) {
        int equals = variable.indexOf('=');
        return equals > 0 && (variable.startsWith(LOCALE_PREFIX)
                || INHERITED_VARIABLES.contains(variable.until(equals).toString()));
    }

    private static CString variable(String name, CString value) {
        return CString.of(name + "=").plus(value);
    }
}
