package io.github.daemonsteps.daemon;

import io.github.daemonsteps.Identity;
import io.github.daemonsteps.handover.RunningJvm;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.NativePosix;
import io.github.daemonsteps.posix.PosixException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the JVM of a daemon writes a heap dump and, when it crashes, {@code hs_err_pidPID.log}. HotSpot takes the working
 * directory. A daemon that may not write there writes them to the directory of its log.
 */
final class DumpFiles {

    private static final String ERROR_FILE = "-XX:ErrorFile=";
    private static final String HEAP_DUMP_PATH = "-XX:HeapDumpPath=";

    /** A file of options, which the JVM reads before all others. */
    private static final String FLAGS = "-XX:Flags=";

    private DumpFiles() {
    }

    /**
     * The options that say so. They come before all others, so that an option on the command line is preferred to them; a
     * variable that has such an option leaves it out here.
     */
    static List<CString> options(StartPlan plan, RunningJvm jvm) {
        CString log = plan.daemon().log();
        CString directory = log.until(Math.max(1, log.lastIndexOf('/')));
        Settings settings = plan.daemon().settings();
        NativePosix posix = settings.posix.get();
        if (!jvm.isJava() || isSet(FLAGS, jvm) || mayWrite(plan.identity(), settings.directory, posix)
                || !mayWrite(plan.identity(), directory, posix)) {
            return List.of();
        }
        List<CString> options = new ArrayList<>();
        if (!isSet(ERROR_FILE, jvm)) {
            options.add(CString.of(ERROR_FILE).plus(escaped(directory)).resolve("hs_err_pid%p.log"));
        }
        if (!isSet(HEAP_DUMP_PATH, jvm)) {
            options.add(CString.of(HEAP_DUMP_PATH).plus(escaped(directory)));
        }
        return options;
    }

    /** In these options a percent sign begins {@code %p}, and two are one. */
    private static CString escaped(CString path) {
        String bytes = new String(path.bytes(), StandardCharsets.ISO_8859_1);
        return CString.ofBytes(bytes.replace("%", "%%").getBytes(StandardCharsets.ISO_8859_1));
    }

    private static boolean isSet(String option, RunningJvm jvm) {
        return Stream.concat(jvm.arguments().stream(), jvm.environment().stream())
                .anyMatch(text -> text.toString().contains(option));
    }

    /**
     * Says whether a user, or who starts the daemon, may make a file in a directory. Of another user only the permission bits
     * tell it.
     */
    private static boolean mayWrite(@Nullable Identity user, CString directory, NativePosix posix) {
        if (user == null) {
            Path path = directory.toPath();
            return !Files.exists(path) || Files.isWritable(path); // who starts makes a directory that is missing
        }
        try {
            FileStatus status = posix.stat(directory);
            int bit = status.uid() == user.uid() ? 0200 : user.groups().contains(status.gid()) ? 020 : 02;
            return user.uid() == 0 || (status.permissions().bits() & bit) != 0;
        } catch (PosixException missing) {
            return false;
        }
    }
}
