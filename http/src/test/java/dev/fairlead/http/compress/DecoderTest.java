package dev.fairlead.http.compress;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.encoder.Encoder;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import dev.fairlead.http.compress.Coder.Goal;
import dev.fairlead.http.compress.Coder.Step;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What others have compressed, read in slices of any size into buffers of any size.
final class DecoderTest {
    private static byte[] gzip(byte[] body) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(body);
        }
        return out.toByteArray();
    }

    private static byte[] encoded(Coding coding, byte[] body) throws IOException {
        return switch (coding) {
            case GZIP -> gzip(body);
            case BR -> {
                Brotli4jLoader.ensureAvailability();
                yield Encoder.compress(body);
            }
            case ZSTD -> Zstd.compress(body);
        };
    }

    private static byte[] body(Random random) {
        byte[] body = new byte[random.nextInt(200_000)];
        for (int i = 0; i < body.length; i++) {
            body[i] = (byte) (random.nextInt(4) == 0 ? random.nextInt() : 'a');
        }
        return body;
    }

    /// Null when it is broken.
    private static byte @Nullable [] decode(Coding coding, byte[] from, Random random) {
        Coder decoder = CompressionLane.decoder(coding);
        try {
            var all = new ByteArrayOutputStream();
            ByteBuffer out = ByteBuffer.allocateDirect(random.nextInt(1, CompressionLane.SLICE));
            for (int at = 0; at < from.length; ) {
                int size = Math.min(from.length - at, random.nextInt(1, CompressionLane.SLICE));
                ByteBuffer in =
                        ByteBuffer.allocateDirect(size).put(from, at, size).flip();
                while (in.hasRemaining()) {
                    if (!reached(decoder, Goal.TAKE, in, out, all)) {
                        return null;
                    }
                }
                at += size;
            }
            return reached(decoder, Goal.END, ByteBuffer.allocateDirect(0), out, all) ? all.toByteArray() : null;
        } finally {
            decoder.close();
        }
    }

    private static boolean reached(Coder decoder, Goal goal, ByteBuffer in, ByteBuffer out, ByteArrayOutputStream all) {
        Step step;
        do {
            step = decoder.step(goal, in, out.clear());
            byte[] came = new byte[out.flip().remaining()];
            out.get(came);
            all.writeBytes(came);
        } while (step == Step.FULL);
        return step == Step.REACHED;
    }

    @ParameterizedTest
    @EnumSource
    void givesWhatWasEncoded(Coding coding) throws IOException {
        var random = new Random(3);
        for (int i = 0; i < 60; i++) {
            byte[] body = body(random);
            assertThat(decode(coding, encoded(coding, body), random)).isEqualTo(body);
        }
    }

    @ParameterizedTest
    @EnumSource
    void isNotContentWithAPart(Coding coding) throws IOException {
        var random = new Random(4);
        for (int i = 0; i < 40; i++) {
            byte[] whole = encoded(coding, body(random));
            byte[] part = Arrays.copyOf(whole, random.nextInt(1, whole.length));
            assertThat(decode(coding, part, random))
                    .as("%d of %d", part.length, whole.length)
                    .isNull();
        }
    }

    @ParameterizedTest
    @EnumSource
    void isNotContentWithSomethingElse(Coding coding) {
        byte[] other = new byte[5000];
        new Random(5).nextBytes(other);
        assertThat(decode(coding, other, new Random(5))).isNull();
    }

    @Test
    void readsSeveralMembersAndLooksAtTheirSums() throws IOException {
        var two = new ByteArrayOutputStream();
        two.writeBytes(gzip("one ".getBytes(US_ASCII)));
        two.writeBytes(gzip("two".getBytes(US_ASCII)));
        byte[] all = two.toByteArray();
        assertThat(decode(Coding.GZIP, all, new Random(6))).isEqualTo("one two".getBytes(US_ASCII));
        all[all.length - 8] ^= 1;
        assertThat(decode(Coding.GZIP, all, new Random(6))).isNull();
    }

    private static byte[] summed(byte[] body) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zstd = new ZstdOutputStream(out).setChecksum(true)) {
            zstd.write(body);
        }
        return out.toByteArray();
    }

    private static byte[] joined(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /// Null when it is broken.
    private static byte @Nullable [] decodeZstd(byte[]... slices) {
        Coder decoder = CompressionLane.decoder(Coding.ZSTD);
        try {
            var all = new ByteArrayOutputStream();
            ByteBuffer out = ByteBuffer.allocateDirect(CompressionLane.SLICE);
            for (byte[] slice : slices) {
                ByteBuffer in =
                        ByteBuffer.allocateDirect(slice.length).put(slice).flip();
                if (!reached(decoder, Goal.TAKE, in, out, all)) {
                    return null;
                }
            }
            return reached(decoder, Goal.END, ByteBuffer.allocateDirect(0), out, all) ? all.toByteArray() : null;
        } finally {
            decoder.close();
        }
    }

    /// However the frames of a body are cut: at their ends, before their sums, or not at all.
    @Test
    void readsSeveralFrames() throws IOException {
        byte[] one = summed("one ".getBytes(US_ASCII));
        byte[] two = summed("two".getBytes(US_ASCII));
        byte[] skipped = {0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 'n', 'o', 't'};
        byte[] both = "one two".getBytes(US_ASCII);
        byte[] all = joined(skipped, one, skipped, two, skipped);
        assertThat(decodeZstd(one, two)).isEqualTo(both);
        assertThat(decodeZstd(joined(one, two))).isEqualTo(both);
        assertThat(decodeZstd(skipped, one, two, skipped)).isEqualTo(both);
        assertThat(decodeZstd(all)).isEqualTo(both);
        for (int i = 1; i < all.length; i++) {
            assertThat(decodeZstd(Arrays.copyOf(all, i), Arrays.copyOfRange(all, i, all.length)))
                    .as("cut after %d", i)
                    .isEqualTo(both);
        }
        assertThat(decodeZstd(one, Arrays.copyOf(two, two.length - 1)))
                .as("the second is not whole")
                .isNull();
        assertThat(decodeZstd(one, "two".getBytes(US_ASCII))).as("no frame").isNull();
        all[skipped.length + one.length - 1] ^= 1;
        assertThat(decodeZstd(all)).as("another sum").isNull();
    }

    /// A frame that wants more memory than RFC 9659 allows.
    @Test
    void refusesAWindowThatIsTooLong() throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zstd = new ZstdOutputStream(out).setLong(27)) {
            zstd.write(new byte[1 << 20]);
            zstd.flush();
            zstd.write(new byte[1 << 20]);
        }
        assertThat(decode(Coding.ZSTD, out.toByteArray(), new Random(7))).isNull();
    }
}
