import java.io.FileOutputStream;
import java.io.IOException;

/**
 * A program without any library: writes a line to a file and stays. Without an argument it ends at once.
 *
 * <pre>java ReadyProgram [FILE]</pre>
 */
public class ReadyProgram {

    /** A daemon that is left over ends by itself after this time. */
    private static final long LIFE_MILLIS = 60_000;

    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length > 0) {
            writeLine(args[0]);
            stay();
        }
    }

    static void writeLine(String file) throws IOException {
        try (var out = new FileOutputStream(file)) {
            out.write("ready\n".getBytes());
        }
    }

    static void stay() throws InterruptedException {
        Thread.sleep(LIFE_MILLIS);
        Runtime.getRuntime().halt(0);
    }
}
