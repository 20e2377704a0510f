package dev.fairlead.kernel.nft;

import dev.fairlead.sys.Errno;
import dev.fairlead.sys.Netlink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/// Asks netfilter by netlink. An answer that was not read to its end would be taken for that to the next question: the
/// socket is then made anew. One thread at a time.
final class Netfilter implements AutoCloseable {
    private static final int HEADER = 16;
    private static final int ATTRIBUTES = HEADER + 4;
    private static final int ERROR = 2;
    private static final int DONE = 3;
    private static final int REQUEST = 1;
    private static final int ACKNOWLEDGED = 4;
    private static final int DUMP = 0x300;
    private static final int BUFFER_BYTES = 1 << 16;

    private Netlink socket;
    private boolean isAnswered = true;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.nativeOrder());

    private Netfilter(Netlink socket) {
        this.socket = socket;
    }

    static Netfilter open() throws IOException {
        return new Netfilter(Netlink.toNetfilter());
    }

    /// One that hears what a group is told, with room for so many bytes of it.
    static Netfilter open(int group, int roomBytes) throws IOException {
        Netfilter opened = open();
        try {
            opened.socket.join(group, roomBytes);
        } catch (IOException failed) {
            opened.close();
            throw failed;
        }
        return opened;
    }

    /// Everything that answers the request, one after the other.
    void each(Request request, Consumer<Attributes> seen) throws IOException {
        ask(request.with(REQUEST | DUMP));
        while (true) {
            int length = check(socket.receive(buffer, true));
            for (int at = 0; at + HEADER <= length; at += Attributes.aligned(buffer.getInt(at))) {
                int type = buffer.getShort(at + 4);
                if (type == DONE) {
                    isAnswered = true;
                    check(buffer.getInt(at + HEADER));
                    return;
                }
                if (type == ERROR) {
                    check(buffer.getInt(at + HEADER));
                }
                seen.accept(attributes(at));
            }
        }
    }

    /// The one message that answers the request.
    void one(Request request, Consumer<Attributes> seen) throws IOException {
        ask(request.with(REQUEST));
        check(socket.receive(buffer, true));
        isAnswered = true;
        if (buffer.getShort(4) == ERROR) {
            check(buffer.getInt(HEADER));
        }
        seen.accept(attributes(0));
    }

    /// Does what the request says: 0, or a negative errno.
    int run(Request request) throws IOException {
        ask(request.with(REQUEST | ACKNOWLEDGED));
        check(socket.receive(buffer, true));
        isAnswered = true;
        return buffer.getInt(HEADER);
    }

    private void ask(ByteBuffer question) throws IOException {
        if (!isAnswered) {
            Netlink fresh = Netlink.toNetfilter();
            socket.close();
            socket = fresh;
        }
        isAnswered = false;
        check(socket.send(question));
    }

    /// What was told since the last time; what there was no room for is lost.
    void hear(Consumer<Attributes> seen) throws IOException {
        while (true) {
            int length = socket.receive(buffer, false);
            if (length == Netlink.EAGAIN) {
                return;
            }
            if (length != Netlink.ENOBUFS) {
                check(length);
            }
            for (int at = 0; at + HEADER <= length; at += Attributes.aligned(buffer.getInt(at))) {
                seen.accept(attributes(at));
            }
        }
    }

    private Attributes attributes(int at) {
        return new Attributes(buffer, at + ATTRIBUTES, at + buffer.getInt(at));
    }

    private static int check(int result) throws IOException {
        if (result < 0) {
            throw new IOException("netfilter: " + Errno.text(result));
        }
        return result;
    }

    @Override
    public void close() {
        socket.close();
    }
}
