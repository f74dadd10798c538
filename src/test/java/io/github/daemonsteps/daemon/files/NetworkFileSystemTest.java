package io.github.daemonsteps.daemon.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.ffm.NativePosix;
import java.util.List;
import org.junit.jupiter.api.Test;

class NetworkFileSystemTest {

    private static final List<String> MOUNTS = List.of(
            "22 27 0:21 / /proc rw,nosuid - proc proc rw",
            "27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw",
            "30 27 0:50 / /home/with\\040blank rw,relatime shared:2 master:3 - nfs4 server:/home rw,vers=4.2",
            "31 27 0:51 / /plain rw - tmpfs - rw", "cut off 0:52");

    @Test
    void type_of_device_is_that_of_its_mount() {
        assertThat(NetworkFileSystem.type(MOUNTS, "0:50")).contains("nfs4");
        assertThat(NetworkFileSystem.type(MOUNTS, "254:0")).contains("ext4");
        assertThat(NetworkFileSystem.type(MOUNTS, "0:51")).contains("tmpfs");
    }

    @Test
    void type_of_device_without_mount_is_empty() {
        assertThat(NetworkFileSystem.type(MOUNTS, "0:5")).isEmpty();
        assertThat(NetworkFileSystem.type(MOUNTS, "0:52")).isEmpty();
        assertThat(NetworkFileSystem.type(List.of(), "0:50")).isEmpty();
    }

    @Test
    void root_directory_of_this_machine_is_local() {
        assertThat(NetworkFileSystem.of(NativePosix.get().stat("/"))).isEmpty();
    }
}
