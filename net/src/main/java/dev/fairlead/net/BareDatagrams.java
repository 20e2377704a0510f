package dev.fairlead.net;

import dev.fairlead.sys.Sockets;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A UDP socket without a channel, registered with its loop in its own name. Whoever has it reads and writes it by a
/// [dev.fairlead.sys.DatagramBatch]. Epoll only. Its loop only, where nothing else is said.
public final class BareDatagrams implements EpollIoHandle {
    private static final InetAddress ANY_IPV6 = InetAddress.ofLiteral("::");

    private final FileDescriptor file;
    private final Taker taker;
    private @Nullable IoRegistration registration;
    private boolean closed;

    /// Who has it.
    public interface Taker {
        /// Something has come, or an error has.
        void onReadable();

        void onLoopEnded();
    }

    /// Sockets that share an address, and which that is.
    public record Bound(List<Integer> sockets, InetSocketAddress address, boolean isIpv6) {
        public Bound {
            sockets = List.copyOf(sockets);
        }
    }

    private BareDatagrams(int socket, Taker taker) {
        this.file = new FileDescriptor(socket);
        this.taker = taker;
    }

    /// As many sockets as are asked for, which receive on `address` together (`SO_REUSEPORT`: the kernel gives all
    /// of one client's port to the same). On the wildcard each datagram tells to which address it came. Throws when
    /// the address cannot be had, and then nothing is left behind. Any thread.
    public static Bound bind(InetSocketAddress address, int count) throws IOException {
        if (address.getPort() != 0) {
            Datagrams.probe(address);
        }
        var calls = new Sockets();
        InetAddress ip = address.getAddress();
        List<Integer> sockets = new ArrayList<>();
        InetSocketAddress wanted = address;
        boolean isIpv6 = ip instanceof Inet6Address || ip.isAnyLocalAddress();
        while (sockets.size() < count) {
            int socket = calls.openDatagrams(isIpv6);
            if (socket == Sockets.EAFNOSUPPORT && isIpv6 && !(ip instanceof Inet6Address)) {
                isIpv6 = false;
                continue;
            }
            int failed = socket < 0 ? socket : bind(calls, socket, ip, wanted.getPort(), isIpv6);
            if (failed >= 0) {
                sockets.add(socket);
            }
            InetSocketAddress bound = failed < 0 ? null : calls.localAddress(socket);
            if (bound == null) {
                sockets.forEach(calls::close);
                throw new IOException("cannot receive on " + address
                        + (failed < 0 ? ": errno " + -failed : ": its address cannot be read"));
            }
            wanted = new InetSocketAddress(ip, bound.getPort());
        }
        return new Bound(sockets, wanted, isIpv6);
    }

    private static int bind(Sockets calls, int socket, InetAddress ip, int port, boolean isIpv6) {
        calls.setOption(socket, Sockets.SOL_SOCKET, Sockets.SO_REUSEPORT, 1);
        calls.setOption(socket, Sockets.SOL_SOCKET, Sockets.SO_RCVBUF, Datagrams.BUFFER_BYTES);
        calls.setOption(socket, Sockets.SOL_SOCKET, Sockets.SO_SNDBUF, Datagrams.BUFFER_BYTES);
        // Before Linux 5.0 there is no such thing, and they come one by one.
        calls.setOption(socket, Sockets.SOL_UDP, Sockets.UDP_GRO, 1);
        if (ip.isAnyLocalAddress()) {
            if (isIpv6) {
                calls.setOption(socket, Sockets.IPPROTO_IPV6, Sockets.IPV6_V6ONLY, 0);
                calls.setOption(socket, Sockets.IPPROTO_IPV6, Sockets.IPV6_RECVPKTINFO, 1);
            } else {
                calls.setOption(socket, Sockets.IPPROTO_IP, Sockets.IP_PKTINFO, 1);
            }
        }
        int failed = calls.bind(socket, isIpv6 && ip.isAnyLocalAddress() ? ANY_IPV6 : ip, port);
        if (failed < 0) {
            calls.close(socket);
        }
        return failed;
    }

    /// Whether nobody takes datagrams there: an ICMP message came back, or there is no way.
    public static boolean isUnreachable(int errno) {
        return errno == Sockets.ECONNREFUSED || errno == Sockets.ENETUNREACH || errno == Sockets.EHOSTUNREACH;
    }

    /// Of a socket that is open.
    public static BareDatagrams register(Loop loop, int socket, Taker taker) {
        var datagrams = new BareDatagrams(socket, taker);
        IoRegistration mine =
                ((IoEventLoop) loop.eventLoop()).register(datagrams).getNow();
        if (mine == null) {
            // The loop has ended.
            datagrams.end();
        } else {
            datagrams.registration = mine;
            mine.submit(EpollIoOps.EPOLLIN);
        }
        return datagrams;
    }

    public int socket() {
        return file.intValue();
    }

    @Override
    public FileDescriptor fd() {
        return file;
    }

    @Override
    public void handle(IoRegistration its, IoEvent event) {
        if (!closed) {
            taker.onReadable();
        }
    }

    /// Closes the socket.
    public void end() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            file.close();
        } catch (IOException _) {
            // The kernel has let go of it all the same: close(2), Dealing with error returns.
        }
        IoRegistration mine = registration;
        if (mine != null) {
            // After the close, by which epoll has forgotten it already: then this is no call.
            mine.cancel();
        }
    }

    /// The loop ends.
    @Override
    public void close() {
        taker.onLoopEnded();
    }
}
