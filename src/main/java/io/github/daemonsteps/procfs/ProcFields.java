package io.github.daemonsteps.procfs;

import io.github.daemonsteps.ffm.NativeValues;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.text.AsciiNumber;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The lines {@code name: value} of a file such as {@code /proc/PID/status} or {@code /proc/PID/fdinfo/FD}.
 * See proc_pid_status(5) and proc_pid_fdinfo(5).
 */
public final class ProcFields {

    private static final int OCTAL = 8;

    private final List<String> lines;

    private ProcFields(List<String> lines) {
        this.lines = lines;
    }

    /**
     * Reads a file.
     *
     * @throws IOException if the file cannot be read
     */
    public static ProcFields read(Path file) throws IOException {
        String text = ProcFile.text(file);
        List<String> lines = new ArrayList<>();
        int begin = 0;
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', begin)) {
            lines.add(text.substring(begin, end));
            begin = end + 1;
        }
        return new ProcFields(lines);
    }

    /** Returns the value of the first line with this name, without blanks around it; null if none has it. */
    public @Nullable String value(String name) {
        List<String> values = values(name);
        return values.isEmpty() ? null : values.getFirst();
    }

    /** Returns whether the flags of a descriptor in {@code fdinfo} have O_CLOEXEC. */
    public boolean isCloseOnExec() {
        String flags = value("flags");
        int closeOnExec = NativeValues.bits(Set.of(OpenFlag.O_CLOEXEC));
        return flags != null && (AsciiNumber.parseInt(flags, OCTAL) & closeOnExec) != 0;
    }

    /** Returns the values of all lines with this name, without blanks around them. */
    public List<String> values(String name) {
        String prefix = name + ":";
        List<String> values = new ArrayList<>();
        for (String line : lines) {
            if (line.startsWith(prefix)) {
                values.add(line.substring(prefix.length()).trim());
            }
        }
        return values;
    }
}
