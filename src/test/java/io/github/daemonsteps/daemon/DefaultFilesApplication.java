package io.github.daemonsteps.daemon;

/** An application that does not say where its files are. */
final class DefaultFilesApplication {

    private DefaultFilesApplication() {
    }

    public static void main(String[] args) {
        Daemon.named("app").launch(args, daemon -> daemon.ready());
    }
}
