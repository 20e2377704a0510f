package dev.fairlead.l4;

import dev.fairlead.config.ProxyProtocolOutSpec;
import dev.fairlead.net.proxyprotocol.ProxyHeaderWriter;
import dev.fairlead.net.proxyprotocol.Tlvs;
import dev.fairlead.net.tls.ClientHello;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// What an endpoint is told of a client before the client's first byte: a PROXY protocol header. `uniqueId` is that of
/// the flow: the one that came with the client, or one of ours where the endpoint is given one.
record Introduction(
        ProxyProtocolOutSpec spec,
        Client client,
        ClientHello hello,
        @Nullable String uniqueId) {
    /// Of this process: with the count behind it, a number that no other flow has.
    private static final long PROCESS = ThreadLocalRandom.current().nextLong();

    private static final AtomicLong COUNT = new AtomicLong();

    static @Nullable String uniqueId(Client client, @Nullable ProxyProtocolOutSpec spec) {
        String received = client.uniqueId();
        if (received != null || spec == null || !spec.uniqueId()) {
            return received;
        }
        return String.format("%016x%016x", PROCESS, COUNT.incrementAndGet());
    }

    /// The caller owns it.
    ByteBuf header() {
        var writer = new ProxyHeaderWriter(spec.version());
        Tlvs received = client.told();
        if (received != null) {
            writer.passOn(received);
        }
        String sni = hello.sni();
        if (sni != null) {
            writer.add(Tlvs.AUTHORITY, sni.getBytes(StandardCharsets.US_ASCII));
        }
        // What a client offers is what it will speak only if it offers nothing else.
        if (hello.alpn().size() == 1) {
            writer.add(Tlvs.ALPN, hello.alpn().getFirst().getBytes(StandardCharsets.ISO_8859_1));
        }
        if (spec.uniqueId() && uniqueId != null) {
            writer.add(Tlvs.UNIQUE_ID, uniqueId.getBytes(StandardCharsets.ISO_8859_1));
        }
        return writer.write(client.address(), client.target(), spec.crc32c(), PooledByteBufAllocator.DEFAULT);
    }
}
