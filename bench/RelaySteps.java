import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.DaemonSteps;

/**
 * Does the same as {@code NaiveFork} through the library: all seven steps in each forked process, checked.
 *
 * <pre>java -cp target/daemon-steps.jar --enable-native-access=ALL-UNNAMED -XX:+UseG1GC bench/RelaySteps.java \
 *      CHILDREN ALLOCATING_THREADS</pre>
 *
 * <p>A process that hangs fails its step, since each call has a time limit.
 */
public class RelaySteps {

    public static void main(String[] args) {
        int children = Integer.parseInt(args[0]);
        for (int i = Integer.parseInt(args[1]); i > 0; i--) {
            Thread.ofPlatform().daemon().start(RelaySteps::allocate);
        }
        int failed = 0;
        for (int done = 1; done <= children; done++) {
            try (DaemonRun run = DaemonSteps.classic().start()) {
                failed += run.runRemaining().getLast().failed() ? 1 : 0;
            }
            System.out.println(done + " children, " + failed + " failed");
        }
        System.exit(0);
    }

    private static void allocate() {
        byte[][] kept = new byte[4096][];
        for (int i = 0;; i = (i + 1) % kept.length) {
            kept[i] = new byte[1024 + i % 1024];
        }
    }
}
