package dev.fairlead.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class LibdeflateTest {
    @BeforeEach
    void isThere() {
        assumeTrue(Libdeflate.isAvailable(), "SKIPPED: no libdeflate; on Debian, apt-get install libdeflate0");
    }

    @Test
    void othersReadWhatItWrites() throws Exception {
        Random random = new Random(3);
        for (int level = 1; level <= 9; level++) {
            var compressor = new Libdeflate(level);
            for (int size : new int[] {0, 1, 1000, 100_000}) {
                byte[] plain = new byte[size];
                random.nextBytes(plain);
                // Half of it repeats.
                System.arraycopy(plain, 0, plain, size / 2, size / 2);
                ByteBuffer in = ByteBuffer.allocateDirect(size + 5)
                        .position(5)
                        .put(plain)
                        .position(5);
                ByteBuffer out =
                        ByteBuffer.allocateDirect(compressor.bound(size) + 3).position(3);
                assertThat(compressor.gzip(in, out)).isTrue();
                assertThat(in.hasRemaining()).isFalse();
                byte[] made = new byte[out.flip().position(3).remaining()];
                out.get(made);
                try (var read = new GZIPInputStream(new ByteArrayInputStream(made))) {
                    assertThat(read.readAllBytes()).isEqualTo(plain);
                }
            }
            compressor.close();
        }
    }

    @Test
    void saysWhenItDoesNotFit() {
        var compressor = new Libdeflate(1);
        ByteBuffer out = ByteBuffer.allocateDirect(10);
        assertThat(compressor.gzip(ByteBuffer.allocateDirect(1000), out)).isFalse();
        assertThat(out.position()).isZero();
        compressor.close();
    }
}
