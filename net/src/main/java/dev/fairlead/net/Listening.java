package dev.fairlead.net;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.NativeInetAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import org.jspecify.annotations.Nullable;

/// A listening socket that makes no channel of what it accepts. It was bound by a channel, which is off the loop since
/// and only closes it. Its loop only.
final class Listening implements EpollIoHandle {
    /// Before other sockets of the loop have their turn.
    private static final int ACCEPTS_MAX = 16;

    /// Netty's: a byte of length, then an IPv6 address with its scope and port.
    private static final int ADDRESS_BYTES = 25;

    private static final EpollIoOps READ = EpollIoOps.EPOLLIN;
    /// Told always: the least that can be asked without losing the registration.
    private static final EpollIoOps PAUSE = EpollIoOps.EPOLLERR;

    private final Socket socket;
    private final Taker taker;
    private final byte[] address = new byte[ADDRESS_BYTES];
    private @Nullable IoRegistration registration;
    private boolean reading = true;

    interface Taker {
        void onAccepted(int descriptor, InetSocketAddress client);

        /// The system gives no connection now: no descriptor, or no memory.
        void onFailed();
    }

    /// The channel is bound, and not registered any more.
    Listening(EpollServerSocketChannel bound, Taker taker) {
        this.socket = (Socket) bound.fd();
        this.taker = taker;
    }

    /// Throws when somebody listens there.
    static void probe(InetSocketAddress address) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(address, 1);
        }
    }

    void begin(Loop loop) {
        BareSockets.ofThisLoop().prepare(socket.intValue());
        registration = ((IoEventLoop) loop.eventLoop()).register(this).getNow();
        ask();
    }

    /// Whether it accepts.
    void reading(boolean on) {
        if (reading != on) {
            reading = on;
            ask();
        }
    }

    private void ask() {
        IoRegistration mine = registration;
        if (mine != null && mine.isValid() && socket.isOpen()) {
            mine.submit(reading ? READ : PAUSE);
        }
    }

    @Override
    public FileDescriptor fd() {
        return socket;
    }

    @Override
    public void handle(IoRegistration its, IoEvent event) {
        for (int i = 0; i < ACCEPTS_MAX && reading && socket.isOpen(); i++) {
            int accepted;
            try {
                accepted = socket.accept(address);
            } catch (IOException _) {
                taker.onFailed();
                return;
            }
            if (accepted < 0) {
                return;
            }
            taker.onAccepted(accepted, NativeInetAddress.address(address, 1, address[0]));
        }
    }

    /// Its socket was closed.
    void end() {
        IoRegistration mine = registration;
        if (mine != null) {
            mine.cancel();
        }
    }

    /// The loop ends, and closes the channel by itself.
    @Override
    public void close() {}
}
