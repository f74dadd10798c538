/**
 * The same as {@link ReadyProgram}, with the methods that jsvc looks for. jsvc itself keeps the JVM.
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
