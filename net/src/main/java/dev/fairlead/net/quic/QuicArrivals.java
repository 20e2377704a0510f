package dev.fairlead.net.quic;

import dev.fairlead.net.Loop;
import io.netty.handler.codec.quic.QuicChannel;
import java.net.InetSocketAddress;

/// Who takes the connections of QUIC that were let in.
public interface QuicArrivals {
    /// TLS stands on a connection. On its loop.
    void onArrived(Loop loop, QuicChannel channel, InetSocketAddress client);
}
