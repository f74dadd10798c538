/**
 * Does the same as {@link ReadyProgram}, in the methods that jsvc calls. The JVM stays as long as jsvc.
 *
 * <pre>jsvc ... JsvcApplication FILE</pre>
 */
public class JsvcApplication {

    private String file;

    public void init(String[] args) {
        file = args[0];
        Thread.ofPlatform().daemon().start(JsvcApplication::stay);
    }

    public void start() throws Exception {
        ReadyProgram.writeLine(file);
    }

    public void stop() {
        // nothing runs
    }

    public void destroy() {
        // nothing is held
    }

    private static void stay() {
        try {
            ReadyProgram.stay();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
