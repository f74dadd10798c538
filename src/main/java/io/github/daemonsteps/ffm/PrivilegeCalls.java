package io.github.daemonsteps.ffm;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.daemonsteps.ffm.libc.Libc;
import io.github.daemonsteps.posix.Credentials;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The implementation of {@link Credentials} by system calls, in any process. */
public class PrivilegeCalls extends PosixCalls implements Credentials {

    /** NGROUPS_MAX of linux/limits.h: the maximum number of groups of a process. */
    private static final int MAX_GROUPS = 65_536;

    /**
     * The number from which the system call subtracts the niceness. The result is 1 to 40, so that no
     * niceness looks like an error.
     */
    private static final int LOWEST_PRIORITY = 20;

    public PrivilegeCalls(CallExecutor invoker) {
        super(invoker);
    }

    @Override
    public List<Long> getgroups() {
        try (var exchange = begin()) {
            MemorySegment ids =
                    exchange.allocate(JAVA_INT.byteSize() * MAX_GROUPS, JAVA_INT.byteAlignment());
            long count = call(exchange, NativeCall.systemCall("getgroups", Platform.current().SYS_getgroups())
                    .argument(MAX_GROUPS).buffer(ids));
            List<Long> groups = new ArrayList<>();
            for (int i = 0; i < Math.min(count, MAX_GROUPS); i++) {
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
            call(exchange, NativeCall.systemCall("setgroups", Platform.current().SYS_setgroups())
                    .argument(groups.size()).argument(ids.address(), groups.toString()));
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
        // Both calls go in one request: a setting of the kernel may let users access processes that have
        // become theirs.
        try (var exchange = begin()) {
            makeAll(exchange, List.of(set("setresuid", platform.SYS_setresuid(), users),
                    NativeCall.systemCall("prctl", platform.SYS_prctl())
                            .argument(Libc.PR_SET_DUMPABLE(), "PR_SET_DUMPABLE").argument(0)));
        }
    }

    @Override
    public void joinNewSessionKeyring() {
        Platform platform = Platform.current();
        call(NativeCall.systemCall("keyctl", platform.SYS_keyctl())
                .argument(Libc.KEYCTL_JOIN_SESSION_KEYRING(), "KEYCTL_JOIN_SESSION_KEYRING")
                .argument(0, "NULL"));
    }

    @Override
    public void dropCapabilities() {
        Platform platform = Platform.current();
        try (var exchange = begin()) {
            // The header of the kernel has a version and a thread. The data has two times three sets, all of
            // them empty.
            MemorySegment header = exchange.allocate(2 * JAVA_INT.byteSize(), JAVA_INT.byteAlignment());
            MemorySegment none =
                    exchange.allocate(6 * JAVA_INT.byteSize(), JAVA_INT.byteAlignment()).fill((byte) 0);
            header.setAtIndex(JAVA_INT, 0, Libc._LINUX_CAPABILITY_VERSION_3());
            header.setAtIndex(JAVA_INT, 1, 0);
            call(exchange, NativeCall.systemCall("capset", platform.SYS_capset()).buffer(header)
                    .argument(none.address(), "{}"));
        }
    }

    private Ids ids(String name, int number) {
        try (var exchange = begin()) {
            long size = JAVA_INT.byteSize();
            MemorySegment ids = exchange.allocate(3 * size, JAVA_INT.byteAlignment()).fill((byte) -1);
            call(exchange,
                    NativeCall.systemCall(name, number).buffer(ids.asSlice(0)).buffer(ids.asSlice(size))
                            .buffer(ids.asSlice(2 * size)));
            return new Ids(Integer.toUnsignedLong(ids.getAtIndex(JAVA_INT, 0)),
                    Integer.toUnsignedLong(ids.getAtIndex(JAVA_INT, 1)),
                    Integer.toUnsignedLong(ids.getAtIndex(JAVA_INT, 2)));
        }
    }

    private static NativeCall set(String name, int number, Ids ids) {
        return NativeCall.systemCall(name, number).argument(id(ids.real())).argument(id(ids.effective()))
                .argument(id(ids.saved()));
    }

    @Override
    public void setgid(long group) {
        call(NativeCall.systemCall("setgid", Platform.current().SYS_setgid()).argument(id(group)));
    }

    @Override
    public void setuid(long user) {
        call(NativeCall.systemCall("setuid", Platform.current().SYS_setuid()).argument(id(user)));
    }

    /**
     * Returns the id as the kernel expects it. Some system calls take -1 as "unchanged", so the method
     * rejects that number.
     */
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
        return call(NativeCall.systemCall("prctl", platform.SYS_prctl())
                .argument(Libc.PR_GET_NO_NEW_PRIVS(), "PR_GET_NO_NEW_PRIVS")) == 1;
    }

    @Override
    public void setNoNewPrivs() {
        Platform platform = Platform.current();
        call(NativeCall.systemCall("prctl", platform.SYS_prctl())
                .argument(Libc.PR_SET_NO_NEW_PRIVS(), "PR_SET_NO_NEW_PRIVS").argument(1));
    }

    @Override
    public ResourceLimit getrlimit(Resource resource) {
        try (var exchange = begin()) {
            MemorySegment limit = exchange.allocate(2 * JAVA_LONG.byteSize(), JAVA_LONG.byteAlignment());
            call(exchange, prlimit(resource).argument(0, "NULL").buffer(limit));
            return new ResourceLimit(limit.getAtIndex(JAVA_LONG, 0), limit.getAtIndex(JAVA_LONG, 1));
        }
    }

    @Override
    public void setrlimit(Resource resource, ResourceLimit limit) {
        try (var exchange = begin()) {
            // the kernel's struct rlimit64: the soft limit and the hard one
            MemorySegment both = exchange.allocate(2 * JAVA_LONG.byteSize(), JAVA_LONG.byteAlignment());
            both.setAtIndex(JAVA_LONG, 0, limit.soft());
            both.setAtIndex(JAVA_LONG, 1, limit.hard());
            call(exchange, prlimit(resource)
                    .argument(both.address(), "{" + limit.soft() + ", " + limit.hard() + "}")
                    .argument(0, "NULL"));
        }
    }

    @Override
    public int getpriority() {
        Platform platform = Platform.current();
        return LOWEST_PRIORITY - call(NativeCall.systemCall("getpriority", platform.SYS_getpriority())
                .argument(Libc.PRIO_PROCESS(), "PRIO_PROCESS").argument(0));
    }

    @Override
    public void setpriority(int niceness) {
        Platform platform = Platform.current();
        call(NativeCall.systemCall("setpriority", platform.SYS_setpriority())
                .argument(Libc.PRIO_PROCESS(), "PRIO_PROCESS").argument(0).argument(niceness));
    }

    private static NativeCall prlimit(Resource resource) {
        return NativeCall.systemCall("prlimit64", Platform.current().SYS_prlimit64()).argument(0)
                .argument(NativeValues.number(resource), resource.name());
    }
}
