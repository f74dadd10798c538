package io.github.daemonsteps.daemon;

/** An application with default files. */
final class DefaultFilesApplication {

    private DefaultFilesApplication() {
    }

    public static void main(String[] args) {
        Daemon.named("app").launch(args, daemon -> daemon.ready());
    }
}
