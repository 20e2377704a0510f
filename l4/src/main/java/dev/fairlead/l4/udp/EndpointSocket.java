package dev.fairlead.l4.udp;

import io.netty.buffer.ByteBuf;

/// The socket of one association, connected to its endpoint. One loop only.
interface EndpointSocket {
    /// Sends a datagram, or a train of those with `segment` bytes each. It owns the content. False when nothing was
    /// sent; the lane or the association has been told why.
    boolean send(ByteBuf content, int segment);

    /// Answers come in great numbers: it reads many at once from now on, where it can.
    void batch();

    void close();
}
