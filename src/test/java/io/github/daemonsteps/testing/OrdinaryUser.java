package io.github.daemonsteps.testing;

import io.github.daemonsteps.ffm.NativePosix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** A user other than root: the user nobody if root runs the tests, or else the user of the tests. */
public final class OrdinaryUser {

    private static final int NOBODY = 65534;

    private final boolean isRoot = NativePosix.get().getuid() == 0;

    /** Lets this user enter the directory. */
    public OrdinaryUser(Path directory) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Returns the number of the user. */
    public long uid() {
        return isRoot ? NOBODY : NativePosix.get().getuid();
    }

    /** Creates a directory that this user may not enter. */
    public Path forbidden(Path directory) throws IOException {
        Files.createDirectory(directory);
        return Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rw-------"));
    }

    /** Returns the command that runs another command as this user; empty if this user runs the tests. */
    public List<String> prefix() {
        return isRoot
                ? List.of(Tool.need("setpriv"), "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups")
                : List.of();
    }

    /** Returns the command that runs {@code main} as this user. */
    public List<String> command(List<String> options, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(prefix());
        command.addAll(ChildJvm.command(options, main, arguments));
        return command;
    }

    /** Starts a {@link StepsLauncher} of this user. */
    public LaunchedSteps launch(String... arguments) throws IOException {
        return LaunchedSteps.start(prefix(), List.of(), arguments);
    }
}
