/** Serves a folder by HTTP, as a daemon. */
module simple.server {
    requires io.github.daemonsteps;
    requires jdk.httpserver;
}
