package io.github.daemonsteps.daemon.files;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The last lines of a log, for people, after the lines with the reason why a Java program has failed. The
 * exceptions of a stack trace and their causes remain; its frames are counted. The empty lines in the report
 * of a crashed JVM are left out.
 */
final class LogTail {

    private static final int MAX_LINES = 10;

    /**
     * Matches a frame of a stack trace. Also matches the line with the number of frames that are the same as
     * in the trace above.
     */
    private static final Pattern FRAME =
            Pattern.compile("\\s+at \\S.*\\(.*\\).*|\\s*\\.\\.\\. [0-9]+ (more|common frames omitted)");

    private static final String CAUSE = "Caused by: ";

    /**
     * Matches the first line of the report of a JVM that crashes or lacks memory. The next line has the
     * cause.
     */
    private static final Pattern REPORT =
            Pattern.compile("# (A fatal error has been detected by the Java Runtime Environment:"
                    + "|There is insufficient memory for the Java Runtime Environment to continue\\.)");

    /** The line before the one that says where the JVM crashed. */
    private static final String FRAME_OF_REPORT = "# Problematic frame:";

    private static final String EMPTY_LINE_OF_REPORT = "#";

    private final List<String> folded = new ArrayList<>();

    /** The positions of the lines with the reason of the last failure. */
    private final List<Integer> reasons = new ArrayList<>();

    private int frames;

    private LogTail() {
    }

    /**
     * Returns the last ten lines that are not frames. The lines before them with the reason of the last
     * failure come first. A line before frames gets their number.
     */
    static List<String> of(List<String> lines) {
        var tail = new LogTail();
        lines.forEach(tail::add);
        tail.countFrames();
        return tail.shown();
    }

    private void add(String line) {
        if (FRAME.matcher(line).matches()) {
            frames++;
        } else if (!line.equals(EMPTY_LINE_OF_REPORT)) {
            countFrames();
            boolean isReason = !folded.isEmpty() && isTitle(folded.getLast());
            folded.add(line);
            if (REPORT.matcher(line).matches()) {
                startReason();
            } else if (isReason || isTitle(line)) {
                reasons.add(folded.size() - 1);
            }
        }
    }

    /** Returns whether the next line has a part of the reason. */
    private static boolean isTitle(String line) {
        return REPORT.matcher(line).matches() || line.equals(FRAME_OF_REPORT);
    }

    private void countFrames() {
        if (frames == 0) {
            return;
        }
        String count = "[" + frames + (frames == 1 ? " frame]" : " frames]");
        frames = 0;
        if (folded.isEmpty()) {
            folded.add(count);
            return;
        }
        String line = folded.removeLast();
        folded.add(line + " " + count);
        if (line.stripLeading().startsWith(CAUSE)) {
            reasons.add(folded.size() - 1);
        } else {
            startReason();
        }
    }

    private void startReason() {
        reasons.clear();
        reasons.add(folded.size() - 1);
    }

    private List<String> shown() {
        int start = Math.max(0, folded.size() - MAX_LINES);
        List<String> shown = new ArrayList<>();
        reasons.stream().filter(place -> place < start).limit(MAX_LINES).map(folded::get).forEach(shown::add);
        shown.addAll(folded.subList(start, folded.size()));
        return List.copyOf(shown);
    }
}
