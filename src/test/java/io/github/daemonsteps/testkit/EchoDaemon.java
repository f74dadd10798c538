package io.github.daemonsteps.testkit;

import io.github.daemonsteps.daemon.Daemon;
import io.github.daemonsteps.daemon.DaemonApplication;
import io.github.daemonsteps.daemon.DaemonContext;
import java.util.List;

/** An application under test: says its arguments, and fails if the first one is {@code fail}. */
final class EchoDaemon implements DaemonApplication {

    public static void main(String[] args) {
        Daemon.named("echo").launch(args, new EchoDaemon());
    }

    @Override
    public void run(DaemonContext daemon) {
        if (daemon.args().equals(List.of("fail"))) {
            System.out.println("about to fail");
            throw new IllegalStateException("no configuration");
        }
        daemon.onReload(() -> System.out.println("reloading"));
        daemon.onStop(() -> System.out.println("stopping"));
        daemon.ready("arguments " + daemon.args());
    }
}
