package io.github.daemonsteps.daemon;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The last lines of a log, for people. The exceptions of a stack trace and their causes remain; its frames are counted. */
final class LogTail {

    private static final int MAX_LINES = 10;

    /** Matches a frame of a stack trace, and the line that tells how many frames are the same as in the trace above. */
    private static final Pattern FRAME =
            Pattern.compile("\\s+at \\S.*\\(.*\\).*|\\s*\\.\\.\\. [0-9]+ (more|common frames omitted)");

    private LogTail() {
    }

    /** Returns the last ten lines that are not frames. To a line before frames, their number is added. */
    static List<String> of(List<String> lines) {
        List<String> folded = new ArrayList<>();
        int frames = 0;
        for (String line : lines) {
            if (FRAME.matcher(line).matches()) {
                frames++;
            } else {
                addCount(folded, frames);
                frames = 0;
                folded.add(line);
            }
        }
        addCount(folded, frames);
        return List.copyOf(folded.subList(Math.max(0, folded.size() - MAX_LINES), folded.size()));
    }

    private static void addCount(List<String> folded, int frames) {
        if (frames > 0) {
            String count = "[" + frames + (frames == 1 ? " frame]" : " frames]");
            folded.add(folded.isEmpty() ? count : folded.removeLast() + " " + count);
        }
    }
}
