package io.github.daemonsteps.testing;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/**
 * The answer of a server.
 *
 * @param status the status code
 * @param contentType the type of the content
 * @param body the content
 */
public record HttpAnswer(int status, String contentType, String body) {

    static {
        System.setProperty("http.keepAlive", "false"); // is read once
    }

    /** Requests a page, and waits no longer than {@link ChildJvm#DEADLINE}. No connection stays open. */
    public static HttpAnswer get(String url) throws IOException {
        var connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
        connection.setReadTimeout((int) ChildJvm.DEADLINE.toMillis());
        try (var body = connection.getInputStream()) {
            return new HttpAnswer(connection.getResponseCode(), connection.getContentType(),
                    new String(body.readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
