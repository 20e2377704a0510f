package dev.fairlead.net;

import dev.fairlead.sys.Sockets;
import io.netty.util.concurrent.FastThreadLocal;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// Connections without a channel, as descriptors, for those who register them with a loop in their own name: a flow
/// needs neither a pipeline nor the dozen system calls by which a channel learns what nobody asks it. What cannot be
/// done is a negative errno. Epoll only, one loop.
public final class BareSockets {
    private static final FastThreadLocal<BareSockets> OF_LOOP = new FastThreadLocal<>() {
        @Override
        protected BareSockets initialValue() {
            return new BareSockets();
        }
    };

    private final Sockets calls = new Sockets();

    private BareSockets() {}

    public static BareSockets ofThisLoop() {
        return OF_LOOP.get();
    }

    /// Begins to connect: a socket that can be written once it is connected or has failed, which [#error] tells then.
    /// It comes from the source with this number, or from `client` where the terms are transparent. It is not yet
    /// prepared: see [#prepare].
    public int connect(InetSocketAddress to, SocketTerms terms, int sourceNumber, InetAddress client) {
        int socket = calls.open(to.getAddress());
        if (socket < 0) {
            return socket;
        }
        int failed = Descriptors.isOfReserve(socket)
                ? Sockets.EMFILE
                : begin(
                        socket,
                        to,
                        terms,
                        terms.isTransparent() ? client : terms.source(to.getAddress(), sourceNumber));
        if (failed < 0) {
            calls.close(socket);
            return failed;
        }
        return socket;
    }

    private int begin(int socket, InetSocketAddress to, SocketTerms terms, @Nullable InetAddress from) {
        configure(socket, terms);
        if (from != null) {
            terms.bindLate(calls, socket);
            int bound = calls.bind(socket, from, 0);
            if (bound < 0) {
                return bound;
            }
        }
        // The last packet of the handshake waits for the first bytes, and goes with them: see acknowledge.
        calls.setOption(socket, Sockets.IPPROTO_TCP, Sockets.TCP_QUICKACK, 0);
        int connected = calls.connect(socket, to);
        return connected == Sockets.EINPROGRESS ? 0 : connected;
    }

    /// A UDP socket that only speaks with `to`, from the source with this number.
    public int connectDatagrams(InetSocketAddress to, SourceAddresses sources, int sourceNumber) {
        int socket = calls.openDatagrams(to.getAddress() instanceof Inet6Address);
        if (socket < 0) {
            return socket;
        }
        int failed = Descriptors.isOfReserve(socket)
                ? Sockets.EMFILE
                : beginDatagrams(socket, to, sources.of(to.getAddress(), sourceNumber));
        if (failed < 0) {
            calls.close(socket);
            return failed;
        }
        return socket;
    }

    /// Linux gives a port of UDP to one socket of an address, whomever it speaks to: no need to choose it late.
    private int beginDatagrams(int socket, InetSocketAddress to, @Nullable InetAddress from) {
        int bound = from == null ? 0 : calls.bind(socket, from, 0);
        return bound < 0 ? bound : calls.connect(socket, to);
    }

    /// Lets it receive datagrams that the kernel has joined into trains: see [dev.fairlead.sys.DatagramBatch].
    public void joinTrains(int socket) {
        calls.setOption(socket, Sockets.SOL_UDP, Sockets.UDP_GRO, 1);
    }

    /// Of one that listens, and what is accepted inherits it; or that was connected, before it has sent twice.
    public void prepare(int socket) {
        // A proxy writes whole messages: Nagle's algorithm would only hold them back.
        calls.setOption(socket, Sockets.IPPROTO_TCP, Sockets.TCP_NODELAY, 1);
    }

    /// Of one that is connected and has nothing to send yet: ends the handshake, for a peer that speaks first waits
    /// for it.
    public void acknowledge(int socket) {
        calls.setOption(socket, Sockets.IPPROTO_TCP, Sockets.TCP_QUICKACK, 1);
    }

    /// What a listener's terms ask of both sides of a flow.
    public void configure(int socket, SocketTerms terms) {
        terms.apply(calls, socket);
    }

    /// What went wrong on the socket since it was last asked; 0: nothing.
    public int error(int socket) {
        return calls.error(socket);
    }

    /// This end of the socket; null when it has been closed from elsewhere.
    public @Nullable InetSocketAddress localAddress(int socket) {
        return calls.localAddress(socket);
    }

    /// Lets a close be a RST: see [Resets].
    public void resetOnClose(int socket) {
        calls.resetOnClose(socket);
    }

    /// Closes one that was never registered, with a RST.
    public void reset(int socket) {
        calls.resetOnClose(socket);
        calls.close(socket);
    }

    /// Whether a connect failed here, before a packet was sent: see [Connector#hasNoSource].
    public static boolean hasNoSource(int errno) {
        return errno == Sockets.EADDRNOTAVAIL || errno == Sockets.EADDRINUSE;
    }

    /// Whether nobody takes connections, or datagrams, at that port.
    public static boolean isRefused(int errno) {
        return errno == Sockets.ECONNREFUSED;
    }

    /// Whether there is no descriptor for a socket, but for the reserve.
    public static boolean hasNoDescriptor(int errno) {
        return errno == Sockets.EMFILE || errno == Sockets.ENFILE;
    }
}
