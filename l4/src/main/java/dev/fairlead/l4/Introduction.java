package dev.fairlead.l4;

import dev.fairlead.config.ProxyProtocolOutSpec;
import dev.fairlead.net.proxyprotocol.ProxyHeader;
import dev.fairlead.net.proxyprotocol.ProxyHeaderWriter;
import dev.fairlead.net.proxyprotocol.Tlvs;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.socket.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// What an endpoint is told of a client before the client's first byte: a PROXY protocol header.
final class Introduction {
    /// Of this process: with the count behind it, a number that no other flow has.
    private static final long PROCESS = ThreadLocalRandom.current().nextLong();

    private static final AtomicLong COUNT = new AtomicLong();

    private Introduction() {}

    /// Before the two are joined; `spec` null: the endpoint is told nothing. A relay takes a socket away from its
    /// channel only when all of this is sent ([Relay#join]): nothing can overtake it.
    static void write(Channel upstream, SocketChannel client, ClientHello hello, @Nullable ProxyProtocolOutSpec spec) {
        if (spec != null) {
            upstream.writeAndFlush(of(client, hello, spec), upstream.voidPromise());
        }
    }

    private static ByteBuf of(SocketChannel client, ClientHello hello, ProxyProtocolOutSpec spec) {
        var writer = new ProxyHeaderWriter(spec.version());
        ProxyHeader received = ProxyHeader.of(client);
        if (received != null) {
            writer.passOn(received.tlvs());
        }
        String sni = hello.sni();
        if (sni != null) {
            writer.add(Tlvs.AUTHORITY, sni.getBytes(StandardCharsets.US_ASCII));
        }
        // What a client offers is what it will speak only if it offers nothing else.
        if (hello.alpn().size() == 1) {
            writer.add(Tlvs.ALPN, hello.alpn().getFirst().getBytes(StandardCharsets.ISO_8859_1));
        }
        if (spec.uniqueId()) {
            String id = String.format("%016x%016x", PROCESS, COUNT.incrementAndGet());
            writer.add(Tlvs.UNIQUE_ID, id.getBytes(StandardCharsets.US_ASCII));
        }
        return writer.write(ProxyHeader.client(client), ProxyHeader.target(client), spec.crc32c(), client.alloc());
    }
}
