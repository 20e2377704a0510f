package dev.fairlead.l4.udp;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// The sockets that one lane has for one of its addresses: the one on which clients speak and are answered, and one for
/// each of their associations. One loop only.
sealed interface LaneSockets permits BatchedSockets, ChannelSockets {
    InetSocketAddress address();

    /// A socket for the association, connected to its endpoint; null when there is none to be had, which the endpoint
    /// has been told where it is its fault.
    @Nullable
    EndpointSocket connect(Association association);

    /// Closes the clients'.
    void close();
}
