package dev.fairlead.http.cache;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.http.message.ResponseHead;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class DiskFormTest {
    private static final String KEY = "web all app a.test /é\n=x";

    private static byte[] file(Entry... variants) {
        ByteBuffer all = ByteBuffer.allocate(1 << 16);
        for (ByteBuffer piece : DiskForm.of(KEY, variants)) {
            all.put(piece);
        }
        return Arrays.copyOf(all.array(), all.position());
    }

    @Test
    void isReadAsItWasWritten() {
        byte[] file = file(Entries.of("de", "hallo".getBytes(US_ASCII)), Entries.of("en", new byte[0]));

        DiskForm.Content read = DiskForm.read(file, true);

        assertThat(read).isNotNull();
        assertThat(read.key()).isEqualTo(KEY);
        assertThat(read.variants()).hasSize(2);
        Entry first = read.variants()[0];
        assertThat(first.freshness()).isEqualTo(Entries.FRESHNESS);
        assertThat(first.etag()).isEqualTo("\"1\"");
        assertThat(first.head().status()).isEqualTo(200);
        assertThat(first.head().contentLength()).isEqualTo(ResponseHead.UNKNOWN);
        assertThat(first.body().view(0).array()).isEqualTo("hallo".getBytes(US_ASCII));
        assertThat(first.body().state()).isEqualTo(Body.State.WHOLE);
        var asked = Entries.asking("de");
        assertThat(first.vary().matches(asked)).isTrue();
        assertThat(read.variants()[1].vary().matches(asked)).isFalse();
        assertThat(file(read.variants())).isEqualTo(file);
    }

    @Test
    void headsAreReadWithoutBodies() {
        byte[] file = file(Entries.of("de", new byte[1000]));
        int heads = DiskForm.PREFIX + DiskForm.headsLength(ByteBuffer.wrap(file));

        DiskForm.Content read = DiskForm.read(Arrays.copyOf(file, heads), false);

        assertThat(heads).isEqualTo(file.length - 1000);
        assertThat(read).isNotNull();
        assertThat(read.variants()[0].etag()).isEqualTo("\"1\"");
    }

    @Test
    void whatIsCutOffOrChangedAtAnyPlaceIsNoFile() {
        byte[] file = file(Entries.of("de", "hallo".getBytes(US_ASCII)), Entries.of("en", "hello".getBytes(US_ASCII)));
        for (int i = 0; i < file.length; i++) {
            assertThat(DiskForm.read(Arrays.copyOf(file, i), true))
                    .as("cut at %d", i)
                    .isNull();
            for (int bit = 0; bit < 8; bit++) {
                byte[] changed = file.clone();
                changed[i] ^= (byte) (1 << bit);
                assertThat(DiskForm.read(changed, true))
                        .as("bit %d of %d", bit, i)
                        .isNull();
            }
        }
        assertThat(DiskForm.read(Arrays.copyOf(file, file.length + 1), true)).isNull();
    }
}
