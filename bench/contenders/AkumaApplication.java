import com.sun.akuma.Daemon;

/**
 * Does the same as {@link ReadyProgram}, as an application of Akuma. Akuma forks, and the child executes the command line
 * of this JVM again.
 *
 * <pre>java AkumaApplication FILE PID_FILE</pre>
 */
public class AkumaApplication {

    public static void main(String[] args) throws Exception {
        var daemon = new Daemon();
        if (!daemon.isDaemonized()) {
            daemon.daemonize();
            System.exit(0);
        }
        daemon.init(args[1]);
        ReadyProgram.writeLine(args[0]);
        ReadyProgram.stay();
    }
}
