package dev.fairlead.http.cache;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.ResponseHead;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class DiskFormTest {
    private static final String KEY = "web all app a.test /é\n=x";

    private static Entry entry(String language, byte[] body) {
        var head = new ResponseHead();
        head.status(200, 0, 0);
        head.contentLength(ResponseHead.UNKNOWN);
        add(head.fields(), "ETag", "\"1\"");
        add(head.fields(), "X-Own", "a, b");
        add(head.fields(), "Vary", "Accept-Language");
        var request = new Fields();
        add(request, "Accept-Language", language);
        return new Entry(
                head,
                Body.of(body),
                new Freshness(60, 1, 1_000_000, 2, 3, false, true),
                Vary.of(head.fields(), request));
    }

    private static void add(Fields fields, String name, String value) {
        byte[] bytes = value.getBytes(US_ASCII);
        fields.add(FieldName.of(name), name.getBytes(US_ASCII), bytes, 0, bytes.length);
    }

    private static byte[] file(Entry... variants) {
        ByteBuffer all = ByteBuffer.allocate(1 << 16);
        for (ByteBuffer piece : DiskForm.of(KEY, variants)) {
            all.put(piece);
        }
        return Arrays.copyOf(all.array(), all.position());
    }

    @Test
    void isReadAsItWasWritten() {
        byte[] file = file(entry("de", "hallo".getBytes(US_ASCII)), entry("en", new byte[0]));

        DiskForm.Content read = DiskForm.read(file, true);

        assertThat(read).isNotNull();
        assertThat(read.key()).isEqualTo(KEY);
        assertThat(read.variants()).hasSize(2);
        Entry first = read.variants()[0];
        assertThat(first.freshness()).isEqualTo(new Freshness(60, 1, 1_000_000, 2, 3, false, true));
        assertThat(first.etag()).isEqualTo("\"1\"");
        assertThat(first.head().status()).isEqualTo(200);
        assertThat(first.head().contentLength()).isEqualTo(ResponseHead.UNKNOWN);
        assertThat(first.body().piece(0)).isEqualTo("hallo".getBytes(US_ASCII));
        assertThat(first.body().state()).isEqualTo(Body.State.WHOLE);
        var asked = new Fields();
        add(asked, "Accept-Language", "de");
        assertThat(first.vary().matches(asked)).isTrue();
        assertThat(read.variants()[1].vary().matches(asked)).isFalse();
        assertThat(file(read.variants())).isEqualTo(file);
    }

    @Test
    void headsAreReadWithoutBodies() {
        byte[] file = file(entry("de", new byte[1000]));
        int heads = DiskForm.PREFIX + DiskForm.headsLength(ByteBuffer.wrap(file));

        DiskForm.Content read = DiskForm.read(Arrays.copyOf(file, heads), false);

        assertThat(heads).isEqualTo(file.length - 1000);
        assertThat(read).isNotNull();
        assertThat(read.variants()[0].etag()).isEqualTo("\"1\"");
    }

    @Test
    void whatIsCutOffOrChangedAtAnyPlaceIsNoFile() {
        byte[] file = file(entry("de", "hallo".getBytes(US_ASCII)), entry("en", "hello".getBytes(US_ASCII)));
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
