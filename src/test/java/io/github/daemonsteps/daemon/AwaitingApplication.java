package io.github.daemonsteps.daemon;

import java.io.IOException;

/** An {@link Application} that first waits for a line on its standard input, or for its end, which a daemon sees at once. */
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
