package io.github.daemonsteps.daemon.unit;

/**
 * A socket on which systemd listens for a service.
 *
 * @param name the name that the service knows the socket by; empty if it has none
 * @param address the address as in {@code ListenStream=}: a port, {@code ADDRESS:PORT}, a path, or {@code @}
 *        and a name
 */
public record UnitSocket(String name, String address) {}
