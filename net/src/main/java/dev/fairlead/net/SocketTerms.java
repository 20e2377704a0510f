package dev.fairlead.net;

import dev.fairlead.config.FlowSpec;
import dev.fairlead.config.KeepAliveSpec;
import dev.fairlead.sys.Sockets;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannelConfig;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketChannelConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How a listener wants the sockets of its flows: where those to endpoints come from, and when a silent peer is given
/// up. Any thread.
public final class SocketTerms {
    private final SourceAddresses sources;
    private final boolean transparent;
    private final @Nullable KeepAliveSpec keepAlive;
    private final int userTimeoutMillis;

    public SocketTerms(FlowSpec spec) {
        this.sources = new SourceAddresses(spec.sources());
        this.transparent = spec.isTransparent();
        this.keepAlive = spec.keepAlive();
        this.userTimeoutMillis = spec.userTimeout() == null
                ? 0
                : Math.toIntExact(spec.userTimeout().toMillis());
    }

    /// Whether endpoints see the client's address.
    public boolean isTransparent() {
        return transparent;
    }

    /// Throws when the process may not do what the terms ask, and says what it lacks.
    public void check(Loop loop) throws IOException {
        if (!transparent) {
            return;
        }
        SocketChannel socket = loop.transport().socket();
        try {
            if (!(socket.config() instanceof EpollSocketChannelConfig epoll)) {
                throw new IOException("`source: client` needs Linux");
            }
            epoll.setIpTransparent(true);
        } catch (ChannelException refused) {
            throw new IOException("`source: client` needs the capability CAP_NET_ADMIN", refused);
        } finally {
            socket.unsafe().closeForcibly();
        }
    }

    /// Of [SourceAddresses#countFor].
    public int sourcesFor(InetAddress to) {
        return sources.countFor(to);
    }

    /// Of [SourceAddresses#any].
    public int anySource() {
        return sources.any();
    }

    /// Of [SourceAddresses#of].
    @Nullable
    InetAddress source(InetAddress to, int number) {
        return sources.of(to, number);
    }

    /// On a socket that is not connected yet. `ChannelException`: the system refuses.
    void bindLate(SocketChannelConfig config, boolean asClient) {
        if (config instanceof EpollSocketChannelConfig) {
            // The port is chosen at connect, when the whole 4-tuple is known: it need only be free towards this
            // endpoint (ip(7), IP_BIND_ADDRESS_NO_PORT).
            config.setOption(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true);
            if (asClient) {
                config.setOption(EpollChannelOption.IP_TRANSPARENT, true);
            }
        }
    }

    /// As the other, on a bare socket.
    void bindLate(Sockets calls, int socket) {
        calls.setOption(socket, Sockets.IPPROTO_IP, Sockets.IP_BIND_ADDRESS_NO_PORT, 1);
        if (transparent) {
            calls.setOption(socket, Sockets.IPPROTO_IP, Sockets.IP_TRANSPARENT, 1);
        }
    }

    /// As the other, on a bare socket.
    void apply(Sockets calls, int socket) {
        if (keepAlive != null) {
            calls.setOption(socket, Sockets.SOL_SOCKET, Sockets.SO_KEEPALIVE, 1);
            calls.setOption(socket, Sockets.IPPROTO_TCP, Sockets.TCP_KEEPIDLE, seconds(keepAlive.idle()));
            calls.setOption(socket, Sockets.IPPROTO_TCP, Sockets.TCP_KEEPINTVL, seconds(keepAlive.interval()));
            calls.setOption(socket, Sockets.IPPROTO_TCP, Sockets.TCP_KEEPCNT, keepAlive.count());
        }
        if (userTimeoutMillis > 0) {
            calls.setOption(socket, Sockets.IPPROTO_TCP, Sockets.TCP_USER_TIMEOUT, userTimeoutMillis);
        }
    }

    private static int seconds(Duration time) {
        return Math.toIntExact(time.toSeconds());
    }

    /// What holds on both sides.
    public void apply(SocketChannelConfig config) {
        if (keepAlive == null && userTimeoutMillis == 0) {
            return;
        }
        try {
            if (keepAlive != null) {
                config.setOption(ChannelOption.SO_KEEPALIVE, true);
            }
            if (config instanceof EpollSocketChannelConfig epoll) {
                if (keepAlive != null) {
                    epoll.setTcpKeepIdle(seconds(keepAlive.idle()));
                    epoll.setTcpKeepIntvl(seconds(keepAlive.interval()));
                    epoll.setTcpKeepCnt(keepAlive.count());
                }
                if (userTimeoutMillis > 0) {
                    epoll.setTcpUserTimeout(userTimeoutMillis);
                }
            }
        } catch (ChannelException _) {
            // The peer was faster, and the socket is over: whoever uses it next will see that.
        }
    }
}
