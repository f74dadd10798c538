package greeter;

import io.github.daemonsteps.daemon.Daemon;
import io.github.daemonsteps.daemon.DaemonContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;

/**
 * A Spring Boot application that is a daemon. Its files are in the directory of the system property {@code greeter.files}.
 */
@SpringBootApplication
public class GreeterApplication {

    private static final Path FILES = Path.of(System.getProperty("greeter.files"));

    /** Does what the first argument says; the arguments after it are Spring's. */
    public static void main(String[] args) {
        Daemon.named("greeter").pidFile(FILES.resolve("greeter.pid")).log(FILES.resolve("greeter.log"))
                .launch(args,
                        GreeterApplication::serve);
    }

    private static void serve(DaemonContext daemon) {
        var context = SpringApplication.run(GreeterApplication.class, daemon.args().toArray(String[]::new));
        daemon.onStop(context::close);
        int port = ((WebServerApplicationContext) context).getWebServer().getPort();
        daemon.ready("listening on http://127.0.0.1:" + port + "/");
    }

    /** Answers with a greeting; {@code /slow} answers when the FIFO {@code go} is written to. */
    @Bean
    ServletRegistrationBean<HttpServlet> greeting() {
        return new ServletRegistrationBean<>(new HttpServlet() {

            private static final long serialVersionUID = 1;

            @Override
            protected void doGet(HttpServletRequest request, HttpServletResponse response)
                    throws IOException {
                if (request.getRequestURI().equals("/slow")) {
                    Files.writeString(FILES.resolve("begun"), "");
                    Files.readString(FILES.resolve("go"));
                }
                response.getWriter().println("hello");
            }
        }, "/");
    }
}
