package io.github.daemonsteps.posix;

import java.util.List;

/**
 * The credentials and limits of a process: users and groups, no_new_privs, resource limits, niceness; see credentials(7),
 * getrlimit(2) and getpriority(2).
 *
 * <p>All ids are numbers from 0 to 4294967294. These are the system calls themselves. Those of the C library would
 * change all threads of a process, by signals and locks that do not survive a fork. So in this process users, groups
 * and no_new_privs are those of the calling thread alone: of use to a thread that then calls {@link Posix#execve},
 * which takes the whole process along, and to nobody else.
 *
 * <p>Each method throws {@link PosixException} when the call fails, with EPERM if the process may not.
 */
public interface Credentials {

    /** The highest id there is: one more stands for none. */
    long HIGHEST_ID = 0xffff_fffeL;

    /**
     * Users, or groups, of a process.
     *
     * @param real whose process it is
     * @param effective whose rights it has
     * @param saved whose rights it can take back
     */
    record Ids(long real, long effective, long saved) {

        /** One for all three: there is none to take back. */
        public static Ids all(long id) {
            return new Ids(id, id, id);
        }
    }

    /** Its supplementary groups, in no particular order. See getgroups(2). */
    List<Long> getgroups();

    /** Sets its supplementary groups. See setgroups(2). */
    void setgroups(List<Long> groups);

    /** Its groups. See getresgid(2). */
    Ids getresgid();

    /** Sets its groups. See setresgid(2). */
    void setresgid(Ids groups);

    /**
     * Leaves the session keyring that it was given, with all the keys in it, for a new one. See
     * keyctl_join_session_keyring(3).
     *
     * @throws PosixException with ENOSYS if the kernel has no keys, EPERM under the filters of containers
     */
    void joinNewSessionKeyring();

    /** Has none of the rights of capabilities(7) any more, now or through a program. See capset(2). */
    void dropCapabilities();

    /** Its users. See getresuid(2). */
    Ids getresuid();

    /**
     * Sets its users, and keeps the new one from looking into the process until it executes a program: what it has in its
     * memory may be of the old one. See setresuid(2) and PR_SET_DUMPABLE(2const).
     */
    void setresuid(Ids users);

    /** Sets its effective group; of a process that may, all three. See setgid(2). */
    void setgid(long group);

    /** Sets its effective user; of a process that may, all three. See setuid(2). */
    void setuid(long user);

    /** Whether no program that it executes is given more rights than it has. See PR_GET_NO_NEW_PRIVS(2const). */
    boolean hasNoNewPrivs();

    /**
     * From now on no program that it, or a child, executes is given more rights than it has: set-user-ID bits and file
     * capabilities have no effect. For good. See PR_SET_NO_NEW_PRIVS(2const).
     */
    void setNoNewPrivs();

    /** What is limited. */
    enum Resource {
        /** The size of a core dump in bytes. */
        RLIMIT_CORE,
        /** One more than the highest descriptor that can be opened. */
        RLIMIT_NOFILE
    }

    /**
     * A limit. -1 is none.
     *
     * @param soft what counts
     * @param hard how far the soft one can be raised
     */
    record ResourceLimit(long soft, long hard) {}

    /** A limit of the whole process. See getrlimit(2). */
    ResourceLimit getrlimit(Resource resource);

    /**
     * Sets a limit of the whole process. See setrlimit(2).
     *
     * @throws PosixException with EINVAL if the soft limit is above the hard one, EPERM if the hard one is raised by a
     *         process that may not
     */
    void setrlimit(Resource resource, ResourceLimit limit);

    /** Returns the niceness, from -20, the most favourable to the process, to 19. See getpriority(2). */
    int getpriority();

    /**
     * Sets the niceness. In this process it is that of the calling thread alone. A value out of range becomes the nearest one.
     * See setpriority(2).
     *
     * @throws PosixException with EACCES if the process may not lower its niceness so far, see RLIMIT_NICE in getrlimit(2)
     */
    void setpriority(int niceness);
}
