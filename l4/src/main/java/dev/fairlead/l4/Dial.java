package dev.fairlead.l4;

import dev.fairlead.net.Loop;
import dev.fairlead.net.SocketTerms;
import dev.fairlead.upstream.Endpoint;
import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// One try to connect to an endpoint, and the connection when that was good. The endpoint hears when it is closed. This
/// loop only.
sealed interface Dial permits ChannelDial, SocketDial {
    /// What came of it: exactly one of these, unless it was abandoned. It may come before [Dial#begin] returns.
    interface Caller {
        void onConnected();

        /// Unreachable, not in time, or, which its port alone can do, refused.
        void onNotConnected(String cause, boolean isRefused);

        /// It could not leave from its source: not the endpoint's fault.
        void onNoSource();

        /// The process has no descriptor left for a socket, and none was opened.
        void onNoSocket(String cause);
    }

    /// Where it goes, and how. `address`: the endpoint's.
    record Call(
            Loop loop,
            Endpoint to,
            InetSocketAddress address,
            int timeoutMillis,
            SocketTerms terms,
            int source,
            InetAddress client) {}

    void begin();

    /// Resets it, whatever has come of it. Its caller is told nothing more.
    void abandon();

    /// Joins the connection with the client's. `held` was read of that before.
    Relay join(
            Client client,
            @Nullable Introduction introduction,
            @Nullable ByteBuf held,
            RelayTerms terms,
            Relay.Owner owner);
}
