package io.github.daemonsteps.testkit;

import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.SignalSet;
import io.github.daemonsteps.process.ProcessState;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Builds the state of a process. By default the process is a proper daemon, process 4711 in session 4700. */
final class StateBuilder {

    static final int PID = 4711;
    static final int SID = 4700;

    private int pid = PID;
    private Integer ppid = 1;
    private Integer pgid = SID;
    private Integer sid = SID;
    private Integer terminal = 0;
    private String tty;
    private String cwd = "/";
    private FileMode umask = FileMode.of(022);
    private SortedMap<Integer, String> fds = nullDevices();
    private Long uid = 1000L;
    private SignalSet blocked = SignalSet.NONE;
    private SignalSet ignored = SignalSet.NONE;

    /** Returns a state of which no fact is known. */
    static ProcessState unknown() {
        return new ProcessState(PID, null, null, null, null, null, null, null, null, null, null, null, null,
                null,
                null);
    }

    private static SortedMap<Integer, String> nullDevices() {
        return new TreeMap<>(Map.of(0, "/dev/null", 1, "/dev/null", 2, "/dev/null"));
    }

    StateBuilder pid(int value) {
        pid = value;
        return this;
    }

    StateBuilder ppid(Integer value) {
        ppid = value;
        return this;
    }

    StateBuilder pgid(Integer value) {
        pgid = value;
        return this;
    }

    StateBuilder sid(Integer value) {
        sid = value;
        return this;
    }

    StateBuilder terminal(int device, String path) {
        terminal = device;
        tty = path;
        return this;
    }

    StateBuilder cwd(String value) {
        cwd = value;
        return this;
    }

    StateBuilder umask(int value) {
        umask = FileMode.of(value);
        return this;
    }

    StateBuilder open(int fd, String file) {
        fds.put(fd, file);
        return this;
    }

    StateBuilder closed(int fd) {
        fds.remove(fd);
        return this;
    }

    StateBuilder hiddenDescriptors() {
        fds = null;
        return this;
    }

    StateBuilder uid(long value) {
        uid = value;
        return this;
    }

    StateBuilder blocked(SignalSet value) {
        blocked = value;
        return this;
    }

    StateBuilder ignored(SignalSet value) {
        ignored = value;
        return this;
    }

    ProcessState build() {
        return new ProcessState(pid, ppid, pgid, sid, terminal, tty, cwd, umask, fds, uid, 100L, List.of(),
                blocked,
                ignored, SignalSet.NONE);
    }
}
