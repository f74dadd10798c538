package io.github.daemonsteps.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.procfs.TtyDrivers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessStateTest {

    @TempDir
    private Path directory;

    @Test
    void state_of_this_process_is_printed() throws Exception {
        ProcessState state = ProcessState.ofThisProcess();
        NativePosix posix = NativePosix.get();
        assertThat(state.pid()).isEqualTo(posix.getpid());
        assertThat(state.ppid()).isEqualTo(posix.getppid());
        assertThat(state.uid()).isEqualTo(posix.getuid());
        assertThat(state.gid()).isEqualTo(posix.getgid());
        assertThat(state.cwd()).isEqualTo(Path.of("").toRealPath().toString());
        assertThat(state.fds()).containsKeys(0, 1, 2).doesNotContainValue("/proc/" + state.pid() + "/fd");
        assertThat(state.blocked()).isNotNull();
        assertThat(state.caught().contains(Signal.SIGSEGV)).isTrue();
    }

    @Test
    void state_of_a_missing_process_is_unknown() {
        assertThat(ProcessState.of(Integer.MAX_VALUE))
                .isEqualTo(new ProcessState(Integer.MAX_VALUE, null, null, null, null, null, null, null, null,
                        null,
                        null, null, null, null, null));
    }

    @Test
    void status_of_the_kernel_is_parsed() throws Exception {
        Files.writeString(directory.resolve("stat"),
                "77 () Z 1 1 1 0 () S 17 42 43 34819 44 0 1 2 3 4 5 6 7 8 20 0 1 0 9 0 0\n");
        Files.writeString(directory.resolve("status"), """
                Name:\t) Z 1 1 1 0 (
                Umask:\t0027
                Uid:\t1000\t1001\t1002\t1003
                Gid:\t2000\t2001\t2002\t2003
                Groups:\t4 24 4294967294\s
                SigBlk:\t0000000000000001
                SigIgn:\t0000000000000002
                SigCgt:\t0000000000004000
                """);
        Files.createSymbolicLink(directory.resolve("cwd"), Path.of("/srv"));
        Files.createDirectory(directory.resolve("fd"));
        Files.createSymbolicLink(directory.resolve("fd/10"), Path.of("socket:[1]"));
        Files.createSymbolicLink(directory.resolve("fd/2"), Path.of("/dev/null"));
        ProcessState state = ProcessState.read(directory, 77, ProcessState.links(directory.resolve("fd")));
        assertThat(state.ppid()).isEqualTo(17);
        assertThat(state.pgid()).isEqualTo(42);
        assertThat(state.sid()).isEqualTo(43);
        assertThat(state.tty()).isEqualTo("/dev/pts/3");
        assertThat(state.cwd()).isEqualTo("/srv");
        assertThat(state.umask()).isEqualTo(FileMode.of(027));
        assertThat(state.fds()).isEqualTo(new TreeMap<>(Map.of(2, "/dev/null", 10, "socket:[1]")));
        assertThat(state.uid()).isEqualTo(1000);
        assertThat(state.gid()).isEqualTo(2000);
        assertThat(state.groups()).containsExactly(4L, 24L, 4294967294L);
        assertThat(state.blocked().signals()).containsExactly(Signal.SIGHUP);
        assertThat(state.ignored().signals()).containsExactly(Signal.SIGINT);
        assertThat(state.caught().signals()).containsExactly(Signal.SIGTERM);
        assertThat(state.isGroupLeader()).isFalse();
        assertThat(state.isSessionLeader()).isFalse();
    }

    @Test
    void terminal_has_the_name_of_its_driver() {
        List<String> drivers = List.of("/dev/tty             /dev/tty        5       0 system:/dev/tty",
                "/dev/console         /dev/console    5       1 system:console",
                "serial               /dev/ttyS       4 64-95 serial",
                "other                /dev/ttyAMA   204      64 serial",
                "pty_slave            /dev/pts      136 0-1048575 pty:slave",
                "unknown              /dev/tty        4 1-63 console");
        assertThat(TtyDrivers.path(drivers, 5, 1)).isEqualTo("/dev/console");
        assertThat(TtyDrivers.path(drivers, 136, 300)).isEqualTo("/dev/pts/300");
        assertThat(TtyDrivers.path(drivers, 4, 3)).isEqualTo("/dev/tty3");
        assertThat(TtyDrivers.path(drivers, 4, 65)).isEqualTo("/dev/ttyS1");
        assertThat(TtyDrivers.path(drivers, 204, 64)).isEqualTo("/dev/ttyAMA0");
        assertThat(TtyDrivers.path(drivers, 7, 1)).isEqualTo("device 7:1");
    }
}
