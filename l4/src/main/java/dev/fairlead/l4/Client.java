package dev.fairlead.l4;

import dev.fairlead.config.EndpointAddress;
import dev.fairlead.net.BareSockets;
import dev.fairlead.net.Resets;
import dev.fairlead.net.proxyprotocol.ProxyHeader;
import dev.fairlead.net.proxyprotocol.Tlvs;
import dev.fairlead.upstream.Endpoint;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// Who began a flow: its connection, and what a proxy in front said of it. A channel where something is read of it
/// before an endpoint is there, or where there is no epoll; else a bare socket. This loop only.
sealed interface Client {
    record OfChannel(SocketChannel channel) implements Client {
        @Override
        public InetSocketAddress address() {
            return ProxyHeader.client(channel);
        }

        @Override
        public InetSocketAddress target() {
            return ProxyHeader.target(channel);
        }

        /// A header that says port 0 says none.
        @Override
        public int askedPort() {
            int told = target().getPort();
            return told == 0 ? channel.localAddress().getPort() : told;
        }

        @Override
        public @Nullable Tlvs told() {
            ProxyHeader header = ProxyHeader.of(channel);
            return header == null ? null : header.tlvs();
        }

        @Override
        public void reset() {
            Resets.close(channel);
        }
    }

    record Bare(Side side, InetSocketAddress address) implements Client {
        /// Its own address when the connection is over already, which makes no difference to anybody then.
        @Override
        public InetSocketAddress target() {
            InetSocketAddress here = BareSockets.ofThisLoop().localAddress(side.socket());
            return here == null ? address : here;
        }

        @Override
        public int askedPort() {
            return target().getPort();
        }

        @Override
        public @Nullable Tlvs told() {
            return null;
        }

        @Override
        public void reset() {
            side.close(true);
        }
    }

    InetSocketAddress address();

    /// What it has connected to.
    InetSocketAddress target();

    /// The port of that.
    int askedPort();

    /// Where the endpoint is for it. What it has connected to is asked of the system only where that matters.
    default InetSocketAddress addressOf(Endpoint endpoint) {
        InetSocketAddress known = endpoint.address();
        return known.getPort() == EndpointAddress.ASKED_PORT
                ? new InetSocketAddress(known.getAddress(), askedPort())
                : known;
    }

    /// The facts of the header that it began with; null: there was none.
    @Nullable
    Tlvs told();

    void reset();

    /// The id that it came with; null: none.
    default @Nullable String uniqueId() {
        Tlvs facts = told();
        return facts == null ? null : facts.uniqueId();
    }
}
