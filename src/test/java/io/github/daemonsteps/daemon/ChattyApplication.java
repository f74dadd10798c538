package io.github.daemonsteps.daemon;

import java.nio.file.Path;

/** An application that writes a number to its log every few milliseconds: 0, 1, 2, ... */
final class ChattyApplication {

    private ChattyApplication() {
    }

    public static void main(String[] args) {
        Path logs = Path.of(System.getProperty("log.directory"));
        Daemon daemon = Daemon.named("chatty").pidFile(Path.of(System.getProperty("pid.file")))
                .log(logs.resolve("app.log")).errorLog(logs.resolve("app.err"));
        String user = System.getProperty("as.user");
        if (user != null) {
            daemon = daemon.user(user);
        }
        daemon.launch(args, ChattyApplication::work);
    }

    private static void work(DaemonContext daemon) throws Exception {
        System.err.println("begins");
        daemon.ready();
        for (int i = 0;; i++) {
            System.out.println(i);
            Thread.sleep(2); // the pace of the lines
        }
    }
}
