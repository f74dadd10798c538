package io.github.daemonsteps.daemon.run;

import org.jspecify.annotations.Nullable;

/**
 * The circumstances of an application in the foreground, where no launcher waits for it.
 *
 * @param notificationFd the descriptor for the newline of a process that is ready; null for none
 * @param sockets the sockets that this process has bound; null for none
 * @param isTraining whether the JVM exits as soon as the application is ready
 */
record Foreground(@Nullable NotificationFd notificationFd, @Nullable ForegroundSockets sockets,
        boolean isTraining) {}
