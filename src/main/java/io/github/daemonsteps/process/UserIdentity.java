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
 * The user that a process becomes, with its groups and the values of its environment.
 *
 * @param name the user's name; the number as text for a user without a name
 * @param uid the user
 * @param gid the primary group
 * @param groups all groups, the primary one included
 * @param home the home directory
 * @param shell the shell
 */
public record UserIdentity(CString name, long uid, long gid, List<Long> groups, CString home, CString shell) {

    /**
     * Names the variables of a launcher's environment that {@link #environment} passes on, besides all
     * {@code LC_} variables.
     */
    public static final Set<String> INHERITED_VARIABLES =
            Set.of("JAVA_HOME", "LANG", "LANGUAGE", "PATH", "TERM", "TZ");

    private static final String LOCALE_PREFIX = "LC_";
    private static final CString NO_HOME = CString.of("/");
    private static final CString DEFAULT_SHELL = CString.of("/bin/sh");

    /** Keeps an unmodifiable copy of the groups. */
    public UserIdentity {
        groups = List.copyOf(groups);
    }

    /**
     * Looks up a user and, if one is given, a group. Each is a name or a number. A name that consists of
     * digits comes before the number. The default group is the user's own. The supplementary groups are those
     * that the database has for the user.
     *
     * @param userAndGroup {@code NAME[:GROUP]}
     * @return the user
     * @throws IllegalArgumentException if the user or the group does not exist, or the text has another form;
     *        the message names the problem
     * @throws io.github.daemonsteps.posix.PosixException if the database cannot be read
     */
    public static UserIdentity of(CString userAndGroup) {
        UserDatabase database = UserDatabase.get();
        int colon = userAndGroup.indexOf(':');
        CString userText = colon < 0 ? userAndGroup : userAndGroup.until(colon);
        Optional<CString> groupText =
                colon < 0 ? Optional.empty() : Optional.of(userAndGroup.from(colon + 1));
        if (userText.length() == 0 || groupText.filter(text -> text.length() == 0).isPresent()) {
            throw new IllegalArgumentException(
                    "user " + userAndGroup.quoted() + ": invalid; give NAME[:GROUP]");
        }
        Optional<User> user = database.user(userText);
        if (user.isEmpty()) {
            long uid = number("user", userText);
            user = database.user(uid);
            if (user.isEmpty()) {
                return nameless(uid, groupText.map(text -> group(text, database)).orElseThrow(
                        () -> new IllegalArgumentException("user " + uid
                                + " does not have an entry: add its group, as in " + uid + ":"
                                + uid)));
            }
        }
        return of(user.get(), groupText.map(text -> group(text, database)).orElse(user.get().gid()),
                database);
    }

    /**
     * Looks up a user, as {@link #of(CString)} does with the UTF-8 bytes of the text.
     *
     * @param userAndGroup {@code NAME[:GROUP]}
     * @return the user
     */
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

    /** Parses a number, which needs no entry in the database. */
    private static long number(String what, CString text) {
        String digits = text.toString();
        if (!digits.matches("[0-9]+")) {
            throw new IllegalArgumentException(what + " " + text.quoted() + " does not exist");
        }
        if (digits.length() > 10 || AsciiNumber.parseLong(digits) > Credentials.HIGHEST_ID) {
            throw new IllegalArgumentException(
                    "the number of a " + what + " is at most " + Credentials.HIGHEST_ID
                            + ", not " + digits);
        }
        return AsciiNumber.parseLong(digits);
    }

    /**
     * Returns the environment of this user's program. HOME, USER, LOGNAME and SHELL are the user's own. The
     * other variables are the launcher's: {@link #INHERITED_VARIABLES} and all {@code LC_} variables, or, if
     * {@code all} is true, every variable.
     *
     * @param launcher the launcher's environment
     * @param all whether the program inherits all variables of the launcher
     * @return the environment
     */
    public Environment environment(Environment launcher, boolean all) {
        var environment = all
                ? launcher
                : new Environment(launcher.variables().stream().filter(UserIdentity::isAllowed).toList());
        return environment.with(variable("HOME", home)).with(variable("USER", name))
                .with(variable("LOGNAME", name)).with(variable("SHELL", shell));
    }

    private static boolean isAllowed(CString variable) {
        return Environment.nameOf(variable).map(CString::toString).filter(UserIdentity::isAllowedName)
                .isPresent();
    }

    private static boolean isAllowedName(String name) {
        return name.startsWith(LOCALE_PREFIX) || INHERITED_VARIABLES.contains(name);
    }

    private static CString variable(String name, CString value) {
        return CString.of(name + "=").plus(value);
    }
}
