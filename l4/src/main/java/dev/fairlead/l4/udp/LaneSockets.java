package dev.fairlead.l4.udp;

import org.jspecify.annotations.Nullable;

/// The sockets of one lane: the one on which its clients speak and are answered, and one for each association. One
/// loop only.
sealed interface LaneSockets permits BatchedSockets, ChannelSockets {
    /// A socket for the association, connected to its endpoint; null when there is none to be had, which the endpoint
    /// has been told where it is its fault.
    @Nullable
    EndpointSocket connect(Association association);

    /// Closes the clients'.
    void close();
}
