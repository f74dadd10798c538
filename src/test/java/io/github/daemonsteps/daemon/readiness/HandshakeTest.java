package io.github.daemonsteps.daemon.readiness;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.Posix;
import io.github.daemonsteps.procfs.ProcessStat;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HandshakeTest {

    private final NativePosix posix = NativePosix.get();
    private final int pid = posix.getpid();
    private final long startTime = ProcessStat.of(pid).orElseThrow().startTime();
    private Posix.Pipe pipe;
    private long inode;

    @BeforeEach
    void pipe() {
        pipe = posix.pipe2(Set.of(OpenFlag.O_CLOEXEC));
        inode = posix.fstat(pipe.writeEnd()).ino();
    }

    @AfterEach
    void pipe_is_closed() {
        posix.close(pipe.readEnd());
        posix.close(pipe.writeEnd());
    }

    private Optional<Handshake> parsed(String value) {
        return Handshake.parse(value, pid);
    }

    @Test
    void handshake_of_this_process_is_parsed() {
        String variable = Handshake.variable(pid, startTime, pipe.writeEnd(), inode, 7,
                CString.of("/some:where")).toString();
        assertThat(variable).startsWith("DAEMON_STEPS_HANDSHAKE=");
        assertThat(parsed(variable.substring(variable.indexOf('=') + 1)))
                .contains(new Handshake(pipe.writeEnd(), 7));
    }

    @Test
    void missing_variable_has_no_handshake() {
        assertThat(parsed(null)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":", ":::", "forged", "a:b:c:d", "PID", "PID:START:FD", "PID:START:FD:",
        "PID:START:FD:INODE:", ":PID:START:FD:INODE", "PID::FD:INODE", "PID:START::INODE",
        "PID :START:FD:INODE", "PID:START:FD:INODE]", "PID:START:-1:INODE", "PID:START:./FD:INODE",
        "PID:START:1/../FD:INODE", "PID:START:99999999999:INODE", "99999999999999999999:START:FD:INODE",
        "4294967296PID:START:FD:INODE", "0:START:FD:INODE", "-PID:START:FD:INODE", "1:START:FD:INODE",
        "PID:-START:FD:INODE", "PID:1START:FD:INODE", "PID:START:FD:1INODE", "PID:START:FD:-INODE",
        "PID:START:2147483647:INODE", "PID:START:FD:INODE:nobody", "PID:START:FD:INODE:0",
        "+PID:START:FD:INODE", "PID:+START:FD:INODE", "PID:START:+FD:INODE", "\u0660PID:START:FD:INODE",
        "PID:\u06f0START:FD:INODE", "PID:START:\u0966FD:INODE"})
    void malformed_or_foreign_variable_has_no_handshake(String value) {
        assertThat(parsed((value + ":0:/").replace("PID", Integer.toString(pid))
                .replace("START", Long.toString(startTime)).replace("FD", Integer.toString(pipe.writeEnd()))
                .replace("INODE", Long.toString(inode)))).isEmpty();
    }

    @Test
    void variable_with_another_descriptor_has_no_handshake() {
        Posix.Pipe other = posix.pipe2(Set.of(OpenFlag.O_CLOEXEC));
        try {
            assertThat(parsed(pid + ":" + startTime + ":" + other.writeEnd() + ":" + inode + ":0:/"))
                    .isEmpty();
        } finally {
            posix.close(other.readEnd());
            posix.close(other.writeEnd());
        }
    }

    @Test
    void huge_variable_has_no_handshake() {
        String huge = "1".repeat(1 << 20);
        assertThat(parsed(huge)).isEmpty();
        assertThat(parsed(huge + ":" + huge + ":" + huge + ":" + huge)).isEmpty();
        assertThat(parsed(":".repeat(1 << 20))).isEmpty();
    }

    @Test
    void message_stays_one_line() throws Exception {
        var handshake = new Handshake(pipe.writeEnd(), 7);
        handshake.send(Handshake.Message.READY, " listening on\r\n  \u00e9\n");
        handshake.extend(Duration.ofSeconds(2));
        handshake.send(Handshake.Message.FAILED, "");
        String sent = "READY listening on \u00e9\nEXTEND 2000\nFAILED \n";
        try (var end = Files.newInputStream(Path.of("/proc/self/fd", Integer.toString(pipe.readEnd())))) {
            int length = sent.getBytes(StandardCharsets.UTF_8).length;
            assertThat(new String(end.readNBytes(length), StandardCharsets.UTF_8)).isEqualTo(sent);
        }
    }
}
