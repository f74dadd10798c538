package web;

import io.github.daemonsteps.daemon.Daemon;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;

/** A daemon with Jetty on a socket that root has bound. */
public final class JettyApplication {

    private JettyApplication() {
    }

    public static void main(String[] args) {
        Path directory = Path.of(System.getProperty("web.files"));
        Daemon daemon = Daemon.named("web").pidFile(directory.resolve("web.pid"))
                .log(directory.resolve("web.log")).listen("http=" + System.getProperty("web.address"))
                .listenOnStdin();
        String user = System.getProperty("web.user");
        (user == null ? daemon : daemon.user(user)).launch(args, context -> {
            var server = new Server();
            var connector = new ServerConnector(server, 1, 1);
            connector.setInheritChannel(true);
            server.addConnector(connector);
            server.setHandler(new UserHandler());
            server.start();
            context.onStop(server::stop);
            context.ready("listening on " + connector.getLocalPort());
        });
    }

    /** Answers with the user of this process. */
    private static final class UserHandler extends Handler.Abstract {

        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            String user = ProcessHandle.current().info().user().orElse("?");
            response.write(true, ByteBuffer.wrap(user.getBytes(StandardCharsets.UTF_8)), callback);
            return true;
        }
    }
}
