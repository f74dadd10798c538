package io.github.daemonsteps.ffm;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.daemonsteps.posix.Privileges;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** {@link Privileges} in terms of system calls, wherever these are made. */
public class PrivilegeCalls extends PosixCalls implements Privileges {

    /** NGROUPS_MAX of linux/limits.h: no process has more groups. */
    private static final int MOST_GROUPS = 65_536;

    /** The system call returns this number less the niceness, 1 to 40, so that no niceness looks like an error. */
    private static final int LOWEST_PRIORITY = 20;

    public PrivilegeCalls(Invoker invoker) {
        super(invoker);
    }

    @Override
    public List<Long> getgroups() {
        try (var exchange = begin()) {
            MemorySegment ids =
                    exchange.allocate(JAVA_INT.byteSize() * MOST_GROUPS, JAVA_INT.byteAlignment());
            long count = make(exchange, CCall.systemCall("getgroups", Platform.current().SYS_getgroups())
                    .word(MOST_GROUPS).buffer(ids));
            List<Long> groups = new ArrayList<>();
            for (int i = 0; i < Math.min(count, MOST_GROUPS); i++) {
                groups.add(Integer.toUnsignedLong(ids.getAtIndex(JAVA_INT, i)));
            }
            return groups;
        }
    }

    @Override
    public void setgroups(List<Long> groups) {
        try (var exchange = begin()) {
            MemorySegment ids =
                    exchange.allocate(JAVA_INT.byteSize() * (groups.size() + 1), JAVA_INT.byteAlignment());
            for (int i = 0; i < groups.size(); i++) {
                ids.setAtIndex(JAVA_INT, i, id(groups.get(i)));
            }
            make(exchange, CCall.systemCall("setgroups", Platform.current().SYS_setgroups())
                    .word(groups.size()).word(ids.address(), groups.toString()));
        }
    }

    @Override
    public Ids getresgid() {
        return ids("getresgid", Platform.current().SYS_getresgid());
    }

    @Override
    public void setresgid(Ids groups) {
        call(set("setresgid", Platform.current().SYS_setresgid(), groups));
    }

    @Override
    public Ids getresuid() {
        return ids("getresuid", Platform.current().SYS_getresuid());
    }

    @Override
    public void setresuid(Ids users) {
        Platform platform = Platform.current();
        // In one go: the kernel may be told to let users look into processes that have become theirs.
        callEach(List.of(set("setresuid", platform.SYS_setresuid(), users),
                CCall.systemCall("prctl", platform.SYS_prctl())
                        .word(platform.PR_SET_DUMPABLE(), "PR_SET_DUMPABLE").word(0)),
                (call, _) -> call);
    }

    @Override
    public void joinNewSessionKeyring() {
        Platform platform = Platform.current();
        call(CCall.systemCall("keyctl", platform.SYS_keyctl())
                .word(platform.KEYCTL_JOIN_SESSION_KEYRING(), "KEYCTL_JOIN_SESSION_KEYRING").word(0, "NULL"));
    }

    @Override
    public void dropCapabilities() {
        Platform platform = Platform.current();
        try (var exchange = begin()) {
            // the kernel's header: version and thread; and its data: two times three sets, all of them empty
            MemorySegment header = exchange.allocate(2 * JAVA_INT.byteSize(), JAVA_INT.byteAlignment());
            MemorySegment none =
                    exchange.allocate(6 * JAVA_INT.byteSize(), JAVA_INT.byteAlignment()).fill((byte) 0);
            header.setAtIndex(JAVA_INT, 0, platform._LINUX_CAPABILITY_VERSION_3());
            header.setAtIndex(JAVA_INT, 1, 0);
            make(exchange, CCall.systemCall("capset", platform.SYS_capset()).buffer(header)
                    .word(none.address(), "{}"));
        }
    }

    private Ids ids(String name, int number) {
        try (var exchange = begin()) {
            long size = JAVA_INT.byteSize();
            MemorySegment ids = exchange.allocate(3 * size, JAVA_INT.byteAlignment()).fill((byte) -1);
            make(exchange, CCall.systemCall(name, number).buffer(ids.asSlice(0)).buffer(ids.asSlice(size))
                    .buffer(ids.asSlice(2 * size)));
            return new Ids(Integer.toUnsignedLong(ids.getAtIndex(JAVA_INT, 0)),
                    Integer.toUnsignedLong(ids.getAtIndex(JAVA_INT, 1)),
                    Integer.toUnsignedLong(ids.getAtIndex(JAVA_INT, 2)));
        }
    }

    private static CCall set(String name, int number, Ids ids) {
        return CCall.systemCall(name, number).word(id(ids.real())).word(id(ids.effective()))
                .word(id(ids.saved()));
    }

    @Override
    public void setgid(long group) {
        call(CCall.systemCall("setgid", Platform.current().SYS_setgid()).word(id(group)));
    }

    @Override
    public void setuid(long user) {
        call(CCall.systemCall("setuid", Platform.current().SYS_setuid()).word(id(user)));
    }

    /** To the kernel -1 is no id: some calls take it for "as it was", which must not happen by mistake. */
    private static int id(long id) {
        if (id < 0 || id > HIGHEST_ID) {
            throw new IllegalArgumentException(
                    "a user or group is a number from 0 to " + HIGHEST_ID + ", not " + id);
        }
        return (int) id;
    }

    @Override
    public boolean hasNoNewPrivs() {
        Platform platform = Platform.current();
        return call(CCall.systemCall("prctl", platform.SYS_prctl())
                .word(platform.PR_GET_NO_NEW_PRIVS(), "PR_GET_NO_NEW_PRIVS")) == 1;
    }

    @Override
    public void setNoNewPrivs() {
        Platform platform = Platform.current();
        call(CCall.systemCall("prctl", platform.SYS_prctl())
                .word(platform.PR_SET_NO_NEW_PRIVS(), "PR_SET_NO_NEW_PRIVS").word(1));
    }

    @Override
    public Limit getrlimit(Resource resource) {
        try (var exchange = begin()) {
            MemorySegment limit = exchange.allocate(2 * JAVA_LONG.byteSize(), JAVA_LONG.byteAlignment());
            make(exchange, prlimit(resource).word(0, "NULL").buffer(limit));
            return new Limit(limit.getAtIndex(JAVA_LONG, 0), limit.getAtIndex(JAVA_LONG, 1));
        }
    }

    @Override
    public void setrlimit(Resource resource, Limit limit) {
        try (var exchange = begin()) {
            // the kernel's struct rlimit64: the soft limit and the hard one
            MemorySegment both = exchange.allocate(2 * JAVA_LONG.byteSize(), JAVA_LONG.byteAlignment());
            both.setAtIndex(JAVA_LONG, 0, limit.soft());
            both.setAtIndex(JAVA_LONG, 1, limit.hard());
            make(exchange, prlimit(resource)
                    .word(both.address(), "{" + limit.soft() + ", " + limit.hard() + "}").word(0, "NULL"));
        }
    }

    @Override
    public int getpriority() {
        Platform platform = Platform.current();
        return LOWEST_PRIORITY - call(CCall.systemCall("getpriority", platform.SYS_getpriority())
                .word(platform.PRIO_PROCESS(), "PRIO_PROCESS").word(0));
    }

    @Override
    public void setpriority(int niceness) {
        Platform platform = Platform.current();
        call(CCall.systemCall("setpriority", platform.SYS_setpriority())
                .word(platform.PRIO_PROCESS(), "PRIO_PROCESS").word(0).word(niceness));
    }

    private static CCall prlimit(Resource resource) {
        return CCall.systemCall("prlimit64", Platform.current().SYS_prlimit64()).word(0)
                .word(NativeValues.number(resource), resource.name());
    }
}
