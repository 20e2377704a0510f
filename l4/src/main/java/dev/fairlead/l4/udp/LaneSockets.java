package dev.fairlead.l4.udp;

import dev.fairlead.config.EndpointAddress;
import dev.fairlead.upstream.Endpoint;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// The sockets that one lane has for one of its addresses: the one on which clients speak and are answered, and one for
/// each of their associations. One loop only.
sealed interface LaneSockets permits BatchedSockets, ChannelSockets {
    InetSocketAddress address();

    /// Where the endpoint is for clients that speak here.
    default InetSocketAddress addressOf(Endpoint endpoint) {
        InetSocketAddress known = endpoint.address();
        return known.getPort() == EndpointAddress.ASKED_PORT
                ? new InetSocketAddress(known.getAddress(), address().getPort())
                : known;
    }

    /// A socket for the association, connected to its endpoint; null when there is none to be had, which the endpoint
    /// has been told where it is its fault.
    @Nullable
    EndpointSocket connect(Association association);

    /// Closes the clients'.
    void close();
}
