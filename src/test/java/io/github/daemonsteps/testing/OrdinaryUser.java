package io.github.daemonsteps.testing;

import io.github.daemonsteps.ffm.NativePosix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** A user that isn't root: nobody if the tests are run by root, else whoever runs them. */
public final class OrdinaryUser {

    private static final int NOBODY = 65534;

    private final boolean isRoot = NativePosix.get().getuid() == 0;

    /** Lets this user enter the directory. */
    public OrdinaryUser(Path directory) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** The user's number. */
    public long uid() {
        return isRoot ? NOBODY : NativePosix.get().getuid();
    }

    /** Creates a directory that this user may not enter. */
    public Path forbidden(Path directory) throws IOException {
        Files.createDirectory(directory);
        return Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rw-------"));
    }

    /** What a command is put behind, to be run by this user; nothing if that is who runs this. */
    public List<String> prefix() {
        return isRoot
                ? List.of(Tool.need("setpriv"), "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups")
                : List.of();
    }

    /** The command that runs {@code main} as this user. */
    public List<String> command(List<String> options, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(prefix());
        command.addAll(ChildJvm.command(options, main, arguments));
        return command;
    }

    /** A {@link StepsLauncher} of this user's. */
    public Launched launch(String... arguments) throws IOException {
        return Launched.start(prefix(), List.of(), arguments);
    }
}
