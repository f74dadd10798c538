package io.github.daemonsteps.supervisors;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The section of docs/supervisors.md about supervisord. */
@Daemons
class SupervisordIT {

    @Test
    void program_of_the_page_answers_reloads_and_stops(Launcher launcher,
            TestDirectory directory)
            throws Exception {
        Tool.need("curl");
        String configuration = directory.file("supervisord.conf").toString();
        var example = new Supervised("supervisord", launcher, directory.path(),
                Map.of("/etc/supervisor", directory.path().toString(), "supervisorctl ",
                        Tool.need("supervisorctl") + " -c " + configuration + " "));
        // As that of Debian, with its files in this directory.
        Files.writeString(Path.of(configuration), String.format(Locale.ROOT, """
                [unix_http_server]
                file=%1$s/supervisor.sock
                [supervisord]
                nodaemon=true
                user=%2$s
                logfile=/dev/null
                logfile_maxbytes=0
                pidfile=%1$s/supervisord.number
                childlogdir=%1$s
                [rpcinterface:supervisor]
                supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
                [supervisorctl]
                serverurl=unix://%1$s/supervisor.sock
                [include]
                files = %1$s/conf.d/*.conf
                """, directory.path(), System.getProperty("user.name")));
        Process supervisor = example.supervisor(Tool.need("supervisord"), "-c", configuration);
        try {
            Await.until(() -> Files.exists(directory.file("supervisor.sock")), example::log);
            example.install();
            example.type();
            assertThatItIsRestarted(example);
        } finally {
            supervisor.destroy();
            assertThat(supervisor.waitFor(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }

    private static void assertThatItIsRestarted(Supervised example) throws Exception {
        String control = example.adapt("supervisorctl ");
        assertThat(example.runner().shell(control + "start hello", List.of()).status()).isZero();
        int pid = Integer.parseInt(
                example.runner().shell(control + "pid hello", List.of()).out().strip());
        Processes.kill(pid);
        Await.until(() -> !example.runner().shell(control + "pid hello", List.of()).out().strip()
                .matches("0|" + pid), example::log);
    }
}
