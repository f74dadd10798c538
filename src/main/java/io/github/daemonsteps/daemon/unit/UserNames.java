package io.github.daemonsteps.daemon.unit;

import io.github.daemonsteps.process.UserIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The names of a user and its group in configuration files. Not every name is accepted there. */
final class UserNames {

    private static final String NAME = "[A-Za-z_][A-Za-z0-9_-]{0,30}";

    private static final Path GROUPS = Path.of("/etc/group");

    private UserNames() {
    }

    /** Returns the name, or the number if the name is unusual. */
    static String user(UserIdentity identity) {
        String name = identity.name().toString();
        return name.matches(NAME) ? name : Long.toString(identity.uid());
    }

    /** Returns the name of the primary group, or its number if the name is unusual or not in group(5). */
    static String group(UserIdentity identity) {
        String gid = Long.toString(identity.gid());
        try {
            for (String line : Files.readAllLines(GROUPS, StandardCharsets.ISO_8859_1)) {
                String[] fields = line.split(":", -1);
                if (fields.length > 2 && fields[2].equals(gid) && fields[0].matches(NAME)) {
                    return fields[0];
                }
            }
        } catch (IOException e) {
            return gid; // the system has its groups elsewhere
        }
        return gid;
    }
}
