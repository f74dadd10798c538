import java.io.FileOutputStream;
import java.io.IOException;

/**
 * Writes a line to a file and stays, without any library. Ends at once without an argument.
 *
 * <pre>java ReadyProgram [FILE]</pre>
 */
public class ReadyProgram {

    /** The time after which a daemon that is left over ends by itself. */
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
