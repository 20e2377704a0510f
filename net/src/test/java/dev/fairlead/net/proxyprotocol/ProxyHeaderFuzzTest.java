package dev.fairlead.net.proxyprotocol;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.ProxyVersion;
import dev.fairlead.leak.NoLeaks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Our reader beside Netty's decoder, on headers that are nearly right: what we take, Netty must take, and both must
/// see the same client. That we refuse more is meant. More rounds with `-Dfairlead.fuzz.rounds=1000000`.
@ExtendWith(NoLeaks.class)
final class ProxyHeaderFuzzTest {
    private static final int ROUNDS = Integer.getInteger("fairlead.fuzz.rounds", 60_000);
    private static final long SEED = Long.getLong("fairlead.fuzz.seed", 42);

    private final Random random = new Random(SEED);
    private final List<byte[]> corpus = new ArrayList<>();

    @Test
    void seesTheClientThatNettySees() {
        corpus();
        int taken = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = mutated(corpus.get(random.nextInt(corpus.size())));
            var reader = new ProxyHeaderReader(65536);
            ByteBuf in = Unpooled.wrappedBuffer(bytes);
            ProxyHeader header = reader.read(in);
            if (header == null) {
                assertThat(in.readableBytes()).isEqualTo(bytes.length);
                continue;
            }
            taken++;
            assertSame(bytes, header);
        }
        // Else it shows nothing.
        assertThat(taken).isGreaterThan(ROUNDS / 20);
    }

    private static void assertSame(byte[] bytes, ProxyHeader header) {
        var channel = new EmbeddedChannel(new HAProxyMessageDecoder());
        String shown = HexFormat.of().formatHex(bytes);
        try {
            channel.writeInbound(Unpooled.wrappedBuffer(bytes));
            HAProxyMessage seen = channel.readInbound();
            assertThat(seen).as(shown).isNotNull();
            assertThat(seen.command() == HAProxyCommand.LOCAL).as(shown).isEqualTo(header.local());
            boolean tcp = seen.proxiedProtocol() == HAProxyProxiedProtocol.TCP4
                    || seen.proxiedProtocol() == HAProxyProxiedProtocol.TCP6;
            InetSocketAddress source = header.source();
            if (source != null) {
                assertThat(tcp).as(shown).isTrue();
                assertThat(source).as(shown).isEqualTo(new InetSocketAddress(seen.sourceAddress(), seen.sourcePort()));
            } else {
                assertThat(tcp && !header.local()).as(shown).isFalse();
            }
            seen.release();
        } finally {
            channel.finishAndReleaseAll();
        }
    }

    private void corpus() {
        InetSocketAddress v4 = new InetSocketAddress("192.0.2.7", 40000);
        InetSocketAddress v6 = new InetSocketAddress("2001:db8::7", 40000);
        for (InetSocketAddress source : List.of(v4, v6)) {
            for (ProxyVersion version : ProxyVersion.values()) {
                ByteBuf written = new ProxyHeaderWriter(version)
                        .add(Tlvs.AUTHORITY, "shop.example".getBytes(US_ASCII))
                        .add(Tlvs.SSL, HexFormat.of().parseHex("0100000000210007544c5376312e33"))
                        .write(source, source, random.nextBoolean(), ByteBufAllocator.DEFAULT);
                corpus.add(ByteBufUtil.getBytes(written));
                written.release();
                ByteBuf plain = new ProxyHeaderWriter(version).write(source, source, false, ByteBufAllocator.DEFAULT);
                corpus.add(ByteBufUtil.getBytes(plain));
                plain.release();
            }
        }
        corpus.add("PROXY UNKNOWN\r\n".getBytes(US_ASCII));
        corpus.add(HexFormat.of().parseHex("0d0a0d0a000d0a515549540a" + "20000000"));
        corpus.add(HexFormat.of().parseHex("0d0a0d0a000d0a515549540a" + "213100d8" + "61".repeat(216)));
    }

    private byte[] mutated(byte[] from) {
        byte[] bytes = from.clone();
        int times = random.nextInt(3);
        for (int i = 0; i < times; i++) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(5)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes[at] = (byte) " \r\n.:0129fF".charAt(random.nextInt(11));
                case 3 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
                default -> {
                    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
                    System.arraycopy(bytes, at, longer, at + 1, bytes.length - at);
                    bytes = longer;
                }
            }
        }
        return bytes;
    }
}
