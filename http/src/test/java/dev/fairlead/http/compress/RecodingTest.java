package dev.fairlead.http.compress;

import static org.assertj.core.api.Assertions.assertThat;

import com.aayushatharva.brotli4j.decoder.BrotliInputStream;
import com.github.luben.zstd.ZstdInputStream;
import dev.fairlead.config.CompressSpec;
import dev.fairlead.http.exchange.Downstream;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Identity;
import dev.fairlead.http.exchange.TunnelSide;
import dev.fairlead.http.exchange.Upload;
import dev.fairlead.http.filter.Heads;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.ResponseHead;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.Loop;
import dev.fairlead.net.Loops;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A response of any size, in pieces of any size, to a client that takes it at any pace, on a real loop.
@ExtendWith(NoLeaks.class)
final class RecodingTest {
    private static final String LISTENER = "web";

    private final Metrics metrics = new Metrics();
    private final CompressionMetrics counts = new CompressionMetrics(LISTENER, metrics);
    private Loops loops;
    private CompressionLane lane;

    @BeforeEach
    void start() throws Exception {
        loops = new Loops(1);
        lane = new CompressionLane(loops.all().getFirst());
    }

    @AfterEach
    void stop() throws Exception {
        onLoop(lane::close);
        loops.close();
    }

    @ParameterizedTest
    @CsvSource({"gzip, 1", "gzip, 2", "br, 3", "br, 4", "zstd, 5", "zstd, 6"})
    void givesTheClientWhatTheEndpointSent(String coding, long seed) throws Exception {
        var random = new Random(seed);
        for (int round = 0; round < 60; round++) {
            byte[] body = body(random);
            Conversation one = new Conversation(random, body, terms(1 << 30), coding);
            assertThat(one.decoded()).as("round %d of seed %d", round, seed).isEqualTo(body);
        }
        assertThat(metrics.counter(Metric.COMPRESSION_RESPONSES, LISTENER, coding)
                        .value())
                .isEqualTo(60);
    }

    /// Many at once, so that they take turns.
    @Test
    void keepsThoseApartThatTakeTurns() throws Exception {
        var random = new Random(5);
        List<Conversation> all = new ArrayList<>();
        List<byte[]> bodies = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            byte[] body = body(random);
            bodies.add(body);
            all.add(new Conversation(
                    new Random(i),
                    body,
                    terms(1 << 30),
                    List.of("gzip", "br", "zstd").get(i % 3)));
        }
        for (int i = 0; i < all.size(); i++) {
            assertThat(all.get(i).decoded()).isEqualTo(bodies.get(i));
        }
    }

    @Test
    void compressesNoMoreAtOnceThanItMay() throws Exception {
        RouteCompression none = terms(400_000);
        assertThat(none.tryBegin(Coding.GZIP, false)).isTrue();
        byte[] body = body(new Random(1));
        Conversation one = new Conversation(new Random(1), body, none, "gzip");
        assertThat(one.whole()).isEqualTo(body);
        assertThat(one.coding).isNull();
        assertThat(metrics.counter(Metric.COMPRESSION_REFUSALS, LISTENER).value())
                .isEqualTo(1);
        none.end(Coding.GZIP, false);
        assertThat(new Conversation(new Random(1), body, none, "gzip").decoded())
                .isEqualTo(body);
    }

    /// That is for libdeflate, which takes more.
    @Test
    void whatIsNotGatheredTakesTheMemoryOfZlib() {
        assertThat(Coding.GZIP.memory(6, false)).isEqualTo(268_144);
        RouteCompression terms = terms(600_000);
        assertThat(terms.tryBegin(Coding.GZIP, false)).isTrue();
        assertThat(terms.tryBegin(Coding.GZIP, false)).isTrue();
        assertThat(terms.tryBegin(Coding.GZIP, false)).isFalse();
        terms.end(Coding.GZIP, false);
        terms.end(Coding.GZIP, false);
        assertThat(metrics.counter(Metric.COMPRESSION_REFUSALS, LISTENER).value())
                .isEqualTo(1);
    }

    /// Wherever a client leaves, nothing is left of it, and the next one is none the worse.
    @Test
    void letsGoOfWhatNobodyWants() throws Exception {
        RouteCompression one = terms(400_000);
        var random = new Random(9);
        for (int i = 0; i < 50; i++) {
            byte[] body = body(random);
            Conversation left = new Conversation(random, body, one, "gzip");
            onLoop(left.recoding::onAborted);
            assertThat(new Conversation(random, body, one, "gzip").decoded()).isEqualTo(body);
        }
    }

    private RouteCompression terms(long memory) {
        return RouteCompression.of(
                new CompressSpec(true, List.of(), 0, Long.MAX_VALUE, 1, memory, List.of(), 3, 1, true, 1 << 20, 200),
                counts);
    }

    private static byte[] body(Random random) {
        int size = switch (random.nextInt(4)) {
            case 0 -> random.nextInt(1, 100);
            case 1 -> random.nextInt(1, 20_000);
            case 2 -> CompressionLane.SLICE * random.nextInt(1, 4) + random.nextInt(-1, 2);
            default -> random.nextInt(1, 400_000);
        };
        byte[] body = new byte[size];
        if (random.nextBoolean()) {
            random.nextBytes(body);
        } else {
            for (int i = 0; i < size; i++) {
                body[i] = (byte) "{\"a\": 1, \"bcd\": [2, 3]}\n".charAt(random.nextInt(8) == 0 ? i % 24 : 3);
            }
        }
        return body;
    }

    private void onLoop(Runnable act) throws Exception {
        CompletableFuture.runAsync(act, loop().eventLoop()).get(60, TimeUnit.SECONDS);
    }

    private Loop loop() {
        return loops.all().getFirst();
    }

    /// An endpoint that sends its body when it may, and a client that takes it now and then.
    private final class Conversation implements Downstream, Upload {
        private final Random random;
        private final byte[] body;
        private final ByteArrayOutputStream got = new ByteArrayOutputStream();
        private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
        private final Recoding recoding;
        private final int pieceMax;
        private final boolean isHeap;
        private String coding;
        private int sent;
        private boolean isWritable = true;
        private boolean isSending;
        private boolean hasEnded;

        Conversation(Random random, byte[] body, RouteCompression terms, String accepts) throws Exception {
            this.random = random;
            this.body = body;
            this.pieceMax = 1 << random.nextInt(17);
            this.isHeap = random.nextBoolean();
            var exchange = new Exchange(
                    Heads.client("192.0.2.1"),
                    this,
                    Heads.request("accept-encoding: " + accepts),
                    new Identity("fairlead"),
                    0);
            var begun = new CompletableFuture<Recoding>();
            onLoop(() -> begun.complete(lane.begin(exchange, terms)));
            this.recoding = begun.get();
            loop().eventLoop().execute(() -> {
                recoding.of(this);
                var head = new ResponseHead();
                head.status(200, 0, 0);
                Heads.add(head.fields(), "content-type: text/plain");
                head.contentLength(random.nextBoolean() ? body.length : ResponseHead.UNKNOWN);
                exchange.downstream().respond(head);
                send();
            });
        }

        private void send() {
            if (isSending || hasEnded) {
                return;
            }
            isSending = true;
            int pieces = random.nextInt(1, 6);
            while (sent < body.length && recoding.isWritable() && pieces-- > 0) {
                int size = Math.min(body.length - sent, random.nextInt(1, pieceMax + 1));
                ByteBuf piece = isHeap
                        ? Unpooled.wrappedBuffer(body, sent, size)
                        : PooledByteBufAllocator.DEFAULT.directBuffer(size).writeBytes(body, sent, size);
                sent += size;
                recoding.body(piece);
            }
            isSending = false;
            if (sent == body.length) {
                hasEnded = true;
                recoding.end(null);
                recoding.flush();
            } else {
                recoding.flush();
                if (recoding.isWritable()) {
                    loop().eventLoop().execute(this::send);
                }
            }
        }

        byte[] whole() throws Exception {
            return whole.get(60, TimeUnit.SECONDS);
        }

        private InputStream decoder(InputStream in) throws IOException {
            return switch (coding) {
                case "gzip" -> new GZIPInputStream(in);
                case "br" -> new BrotliInputStream(in);
                case "zstd" -> new ZstdInputStream(in);
                default -> throw new AssertionError(coding);
            };
        }

        byte[] decoded() throws Exception {
            byte[] all = whole();
            try (var in = decoder(new ByteArrayInputStream(all))) {
                return in.readAllBytes();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void respond(ResponseHead head) {
            coding = head.fields().valueText(FieldName.CONTENT_ENCODING);
        }

        @Override
        public void body(ByteBuf data) {
            byte[] piece = new byte[data.readableBytes()];
            data.readBytes(piece);
            data.release();
            got.writeBytes(piece);
            if (isWritable && random.nextInt(4) == 0) {
                isWritable = false;
                loop().eventLoop().execute(() -> {
                    isWritable = true;
                    recoding.onWritable();
                });
            }
        }

        @Override
        public void end(Fields trailers) {
            whole.complete(got.toByteArray());
        }

        @Override
        public void tunnel(ResponseHead head, TunnelSide endpoint, Runnable onOver) {
            throw new AssertionError("not asked for");
        }

        @Override
        public void cut() {
            whole.completeExceptionally(new AssertionError("cut"));
        }

        @Override
        public void flush() {}

        @Override
        public boolean isWritable() {
            return isWritable;
        }

        @Override
        public void wantBody(boolean want) {}

        @Override
        public void onBody(ByteBuf data) {
            data.release();
        }

        @Override
        public void onEnd(Fields trailers) {}

        @Override
        public void onReadComplete() {}

        @Override
        public void onWritable() {
            send();
        }

        @Override
        public void onAborted() {
            hasEnded = true;
        }
    }
}
