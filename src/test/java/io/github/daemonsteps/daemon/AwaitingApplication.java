package io.github.daemonsteps.daemon;

import java.io.IOException;

/**
 * An {@link Application} that first waits for a line or the end of its standard input. A daemon reaches the
 * end at once.
 */
final class AwaitingApplication {

    private AwaitingApplication() {
    }

    public static void main(String[] args) throws IOException {
        System.out.println("here");
        int read = System.in.read();
        if (read >= 0) {
            System.out.println("goes on");
        }
        Application.main(args);
    }
}
