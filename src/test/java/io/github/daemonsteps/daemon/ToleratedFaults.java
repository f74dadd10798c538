package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.CallInterceptor.Effect;
import io.github.daemonsteps.posix.CallInterceptor.Place;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.testkit.Faults;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The faults that do not prevent a start, each with the reason. */
final class ToleratedFaults {

    /** Functions that are called again after a signal has interrupted them. */
    private static final Set<String> MADE_AGAIN =
            Set.of("dup2", "fcntl", "flock", "fsync", "ftruncate", "open",
                    "poll", "read", "send", "waitpid", "write");

    /** A missing old record is not an error. */
    private static final Set<Errno> NO_RECORD = Set.of(Errno.EACCES, Errno.EPERM, Errno.EROFS, Errno.ENOENT);

    private static final String ANY = "*";

    private final Map<String, String> reasons = new LinkedHashMap<>();

    ToleratedFaults() {
        reasons.put("LAUNCHER close *", "Linux has closed it, whatever close says");
        reasons.put("CHILD close =77", "it has not failed");
        reasons.put("* close_range ENOSYS", "descriptors are closed one by one");
        reasons.put("* close_range EPERM", "descriptors are closed one by one");
        reasons.put("CHILD close_range =0", "nothing was open there");
        reasons.put("CHILD dup2 =77", "it has the number already, or the standard descriptors are looked at");
        reasons.put("CHILD fcntl *",
                "O_NONBLOCK does nothing to a file, and a descriptor may be open across execve already");
        reasons.put("CHILD flock EAGAIN", "a reader holds the lock for a moment: the start tries again");
        reasons.put("CHILD fstat =0",
                "the status of the call before, which is as good, stands where it is read");
        reasons.put("CHILD fsync =0", "what is on a disk cannot be seen");
        reasons.put("CHILD ftruncate =0", "a new file is empty");
        reasons.put("CHILD getpid *", "just before execve any answer will do");
        reasons.put("CHILD lstat ENOENT", "as if the file had been removed: it is made again");
        reasons.put("CHILD lstat =0", "as if the file were another one: it is opened again");
        reasons.put("CHILD open EEXIST", "as if another process had created the file: it is opened");
        reasons.put("CHILD prlimit64 =0", "the limit stays");
        reasons.put("CHILD rt_sigaction =0",
                "execve gives a signal that is caught its default effect anyway");
        reasons.put("CHILD setsockopt =0", "no connection of an earlier socket remains");
        reasons.put("CHILD signal =0", "execve gives a signal that is caught its default effect anyway");
        reasons.put("LAUNCHER fcntl =77", "nothing is known of it before it is used");
        reasons.put("LAUNCHER getresuid =0", "root owns the files, and each user trusts root");
        reasons.put("LEADER close_range =0", "nothing was open there");
        reasons.put("LAUNCHER getuid *", "who starts is told to the daemon, and this one does not read it");
        reasons.put("LAUNCHER lstat *", "what cannot be looked at on the way is opened, or not");
        reasons.put("LAUNCHER madvise *",
                "the forked process has a copy of the heap, or later forks have none");
        reasons.put("LAUNCHER munmap *", "addresses are lost, and no more");
        reasons.put("LAUNCHER open *", "of the first checks of the pid file two must agree");
        reasons.put("LAUNCHER fstat *", "of the first checks of the pid file two must agree");
        reasons.put("LAUNCHER pidfd_open *", "the process is watched by its number");
        reasons.put("LAUNCHER pidfd_send_signal *", "it has ended, or is signalled by its number");
        reasons.put("LAUNCHER poll =0", "it is asked again");
        reasons.put("LAUNCHER poll =5", "it is asked again");
        reasons.put("LAUNCHER poll ENOMEM", "the end of a process is looked for by its number");
        reasons.put("LAUNCHER poll EINVAL", "the end of a process is looked for by its number");
        reasons.put("LAUNCHER read *",
                "the leader, which is asked to end, is ended instead; execve is end of file");
        reasons.put("LAUNCHER readlink *",
                "relative paths get no warning without the launcher's directory");
        reasons.put("LAUNCHER send *", "the leader, which is asked to end, is ended instead");
        reasons.put("LAUNCHER stat *", "the process itself is asked");
        reasons.put("LAUNCHER sysconf =0", "it is told, and no more");
        reasons.put("LAUNCHER waitpid *", "how the leader has ended is of no interest");
        reasons.put("LEADER _exit =0", "it is ended instead");
    }

    /** Returns whether an interrupted call must be repeated. */
    static boolean isMadeAgain(Faults.Call call, Effect effect) {
        return MADE_AGAIN.contains(call.function()) && effect.equals(new Effect.Fails(Errno.EINTR));
    }

    /** Returns why a start may succeed with this fault; empty if it may not. */
    Optional<String> reason(Faults.Call call, Effect effect) {
        if (isMadeAgain(call, effect)) {
            return Optional.of("it is made again");
        }
        boolean isOfRecord = call.place() == Place.CHILD && call.text().contains(".record\"");
        if (isOfRecord && effect instanceof Effect.Fails fails && NO_RECORD.contains(fails.errno())) {
            return Optional.of("where no record can be made the lock alone tells");
        }
        String what = switch (effect) {
            case Effect.Fails fails -> fails.errno().name();
            case Effect.ExecutedButFails fails -> fails.errno().name();
            case Effect.Returns returns -> "=" + returns.result();
            case Effect.ExecutedButReturns returns -> "=" + returns.result();
            case Effect.Executed _ -> "";
        };
        for (String where : Set.of(call.place().name(), ANY)) {
            for (String how : Set.of(what, ANY)) {
                String reason = reasons.get(where + " " + call.function() + " " + how);
                if (reason != null) {
                    return Optional.of(reason);
                }
            }
        }
        return Optional.empty();
    }
}
