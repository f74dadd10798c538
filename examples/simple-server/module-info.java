/** Serves a directory by HTTP, as a daemon. */
module simple.server {
    requires io.github.daemonsteps;
    requires jdk.httpserver;
}
