package io.github.daemonsteps.daemon.start;

import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.jvm.RunningJvm;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.process.UserIdentity;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The directory to which a daemon's JVM writes a heap dump and, in a crash, {@code hs_err_pidPID.log}. By
 * default HotSpot writes both to the working directory. A daemon that may not write there writes them to the
 * directory of its log.
 */
final class DumpFiles {

    private static final String ERROR_FILE = "-XX:ErrorFile=";
    private static final String HEAP_DUMP_PATH = "-XX:HeapDumpPath=";

    /** Names a file of options that the JVM reads before all others. */
    private static final String FLAGS = "-XX:Flags=";

    private DumpFiles() {
    }

    /**
     * Returns the options that name the directory of the log. They come before all others, so that an option
     * in an argument file overrides them. An option that the command line or a variable gives is left out.
     */
    static List<CString> options(DaemonConfig config, RunningJvm jvm) {
        StartPlan plan;
        try {
            plan = StartPlan.of(config);
        } catch (IllegalArgumentException e) {
            return List.of(); // the start reports the problem
        }
        CString directory = config.log().parent();
        NativePosix posix = config.posix();
        if (!jvm.isJava() || isSet(FLAGS, jvm) || mayWrite(plan.identity(), config.directory(), posix)
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

    /**
     * Doubles each percent sign. In these options a percent sign begins {@code %p}, and two percent signs
     * mean one.
     */
    private static CString escaped(CString path) {
        String bytes = new String(path.bytes(), StandardCharsets.ISO_8859_1);
        return CString.ofBytes(bytes.replace("%", "%%").getBytes(StandardCharsets.ISO_8859_1));
    }

    private static boolean isSet(String option, RunningJvm jvm) {
        return isIn(jvm.arguments(), option) || isIn(jvm.environment(), option);
    }

    private static boolean isIn(List<CString> texts, String option) {
        for (CString text : texts) {
            if (text.toString().contains(option)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns whether a user may create a file in a directory. For a user other than the caller, the
     * permission bits decide.
     *
     * @param user the user; null for the caller
     */
    private static boolean mayWrite(@Nullable UserIdentity user, CString directory, NativePosix posix) {
        if (user == null) {
            Path path = directory.toPath();
            return !Files.exists(path) || Files.isWritable(path); // a start creates missing directories
        }
        return posix.tryStat(directory).filter(status -> mayWrite(user, status)).isPresent();
    }

    private static boolean mayWrite(UserIdentity user, FileStatus file) {
        int bit = file.uid() == user.uid() ? 0200 : user.groups().contains(file.gid()) ? 020 : 02;
        return user.uid() == 0 || (file.permissions().bits() & bit) != 0;
    }
}
