package io.github.daemonsteps.testing;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A receiver of the messages of sd_notify(3), in place of a supervisor. The kernel tells it the process and
 * the user of each sender.
 */
public final class NotifyReceiver implements AutoCloseable {

    private static final String SCRIPT = """
            import array, os, socket, struct, sys
            name = sys.argv[1]
            receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            receiver.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            receiver.bind('\\0' + name[1:] if name.startswith('@') else name)
            if not name.startswith('@'):
                os.chmod(name, 0o777)
            if sys.argv[2] == 'full':
                sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                sender.setblocking(False)
                try:
                    while True:
                        sender.sendto(b'FILLER=1', receiver.getsockname())
                except BlockingIOError:
                    print('bound', flush=True)
                sys.stdin.readline()
            else:
                print('bound', flush=True)
            while True:
                data, ancillary, _, _ = receiver.recvmsg(65536, 4096)
                fds = array.array('i')
                for level, kind, content in ancillary:
                    if kind == socket.SCM_CREDENTIALS:
                        pid, uid, gid = struct.unpack('iII', content)
                    elif kind == socket.SCM_RIGHTS:
                        fds.frombytes(content)
                print(pid, uid, len(fds), data.decode().replace('\\n', '|'), flush=True)
                for fd in fds:
                    os.close(fd)
            """;

    /**
     * A message.
     *
     * @param pid the process of the sender
     * @param uid the user of the sender
     * @param fds the number of descriptors that came with it
     * @param text its assignments, with {@code |} between them
     */
    public record Message(int pid, int uid, int fds, String text) {

        private static Message parse(String line) {
            String[] words = line.split(" ", 4);
            return new Message(Integer.parseInt(words[0]), Integer.parseInt(words[1]),
                    Integer.parseInt(words[2]), words[3]);
        }
    }

    private final ChildJvm process;
    private final List<Message> seen = new ArrayList<>();

    private NotifyReceiver(ChildJvm process) throws InterruptedException {
        this.process = process;
        String line = process.line();
        if (!line.equals("bound")) {
            throw new AssertionError(line);
        }
    }

    /** Binds a socket: a path, or an abstract address after {@code @}. */
    public static NotifyReceiver bind(String name) throws IOException, InterruptedException {
        return start(name, "reads");
    }

    /** Binds a socket whose queue is full. Nothing is read before {@link #read}. */
    public static NotifyReceiver bindFull(String name) throws IOException, InterruptedException {
        return start(name, "full");
    }

    private static NotifyReceiver start(String name, String mode) throws IOException, InterruptedException {
        return new NotifyReceiver(ChildJvm
                .start(new ProcessBuilder(Tool.need("python3"), "-c", SCRIPT, name, mode)));
    }

    /** Lets a full receiver read. */
    public void read() throws IOException {
        process.send("");
    }

    /** Returns the next message. */
    public Message next() throws InterruptedException {
        Message message = Message.parse(process.line());
        seen.add(message);
        return message;
    }

    /** Returns the texts of the messages up to the first that this holds for, with that one. */
    public List<String> until(Predicate<String> last) throws InterruptedException {
        List<String> texts = new ArrayList<>();
        do {
            texts.add(next().text());
        } while (!last.test(texts.getLast()));
        return texts;
    }

    /** Returns the messages that have been read so far. */
    public List<Message> seen() {
        return List.copyOf(seen);
    }

    @Override
    public void close() throws InterruptedException {
        process.close();
    }
}
