package io.github.daemonsteps.posix;

import java.util.List;

/**
 * The credentials and limits of a process: users and groups, no_new_privs, resource limits and niceness. See
 * credentials(7), getrlimit(2) and getpriority(2).
 *
 * <p>All ids are numbers from 0 to 4294967294. The methods make the system calls themselves. The functions of
 * the C library would change all threads of a process. Their signals and locks do not survive a fork. In this
 * process the users, groups and no_new_privs are therefore those of the calling thread alone. A change is
 * useful only to a thread that then calls {@link Posix#execve}, which replaces the whole process.
 *
 * <p>Each method throws {@link PosixException} when the call fails, with EPERM if the process is not
 * permitted to make it.
 */
public interface Credentials {

    /** The highest valid id. The next number means "no id". */
    long HIGHEST_ID = 0xffff_fffeL;

    /**
     * The user ids, or the group ids, of a process.
     *
     * @param real the real id: whose process it is
     * @param effective the effective id: whose rights the process has
     * @param saved the saved id: whose rights the process can regain
     */
    record Ids(long real, long effective, long saved) {

        /** Returns ids that are all the same, so that no other id can be regained. */
        public static Ids all(long id) {
            return new Ids(id, id, id);
        }
    }

    /** Returns the supplementary groups of the process, in no particular order. See getgroups(2). */
    List<Long> getgroups();

    /** Sets the supplementary groups of the process. See setgroups(2). */
    void setgroups(List<Long> groups);

    /** Returns the group ids of the process. See getresgid(2). */
    Ids getresgid();

    /** Sets the group ids of the process. See setresgid(2). */
    void setresgid(Ids groups);

    /**
     * Replaces the inherited session keyring, with all the keys in it, by a new one. See
     * keyctl_join_session_keyring(3).
     *
     * @throws PosixException with ENOSYS if the kernel does not support keys, EPERM under the filters of
     *         containers
     */
    void joinNewSessionKeyring();

    /** Drops all rights of capabilities(7), so that no later program regains them. See capset(2). */
    void dropCapabilities();

    /** Returns the user ids of the process. See getresuid(2). */
    Ids getresuid();

    /**
     * Sets the user ids, and denies the new user access to the process's memory until the process executes a
     * program. The memory may still contain data of the old user. See setresuid(2) and
     * PR_SET_DUMPABLE(2const).
     */
    void setresuid(Ids users);

    /** Sets the effective group id; in a privileged process, all three group ids. See setgid(2). */
    void setgid(long group);

    /** Sets the effective user id; in a privileged process, all three user ids. See setuid(2). */
    void setuid(long user);

    /**
     * Returns whether the process is barred from gaining rights by executing a program. See
     * PR_GET_NO_NEW_PRIVS(2const).
     */
    boolean hasNoNewPrivs();

    /**
     * Bars the process and its children from gaining rights by executing a program. Set-user-ID bits and file
     * capabilities have no effect from then on. The setting cannot be undone. See
     * PR_SET_NO_NEW_PRIVS(2const).
     */
    void setNoNewPrivs();

    /** A resource that has a limit. */
    enum Resource {
        /** The size of a core dump in bytes. */
        RLIMIT_CORE,
        /** One more than the highest descriptor that can be opened. */
        RLIMIT_NOFILE
    }

    /**
     * A resource limit. -1 means unlimited.
     *
     * @param soft the limit that the kernel enforces
     * @param hard the value up to which the soft limit can be raised
     */
    record ResourceLimit(long soft, long hard) {}

    /** Returns a limit of the whole process. See getrlimit(2). */
    ResourceLimit getrlimit(Resource resource);

    /**
     * Sets a limit of the whole process. See setrlimit(2).
     *
     * @throws PosixException with EINVAL if the soft limit is above the hard one, EPERM if an unprivileged
     *         process raises the hard one
     */
    void setrlimit(Resource resource, ResourceLimit limit);

    /** Returns the niceness, from -20 (most favourable to the process) to 19. See getpriority(2). */
    int getpriority();

    /**
     * Sets the niceness. In this process the niceness is that of the calling thread alone. A value out of
     * range becomes the nearest valid one. See setpriority(2).
     *
     * @throws PosixException with EACCES if the process may not lower its niceness so far, see RLIMIT_NICE in
     *         getrlimit(2)
     */
    void setpriority(int niceness);
}
