package dev.fairlead.http.cache;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.http.cache.DiskFolder.Name;
import dev.fairlead.http.exchange.FileBytes;
import dev.fairlead.http.message.ResponseHead;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metrics;
import io.netty.buffer.ByteBuf;
import io.netty.channel.FileRegion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
final class DiskFormTest {
    private static final String KEY = "web all app http a.test /é\n=x";

    private static final int LARGE = 300_000;

    private static byte[] file(Entry... variants) {
        ByteBuffer all = ByteBuffer.allocate(1 << 20);
        for (ByteBuffer piece : DiskForm.of(KEY, variants)) {
            all.put(piece);
        }
        return Arrays.copyOf(all.array(), all.position());
    }

    @TempDir
    private Path folder;

    private final OpenFiles open = new OpenFiles(new Metrics());

    private DiskForm.@Nullable Content read(byte[] bytes) throws IOException {
        Path place = Files.write(folder.resolve("a"), bytes);
        try (DiskFile file = DiskFile.open(place)) {
            return file == null ? null : file.whole(Name.of(KEY), open);
        }
    }

    @Test
    void isReadAsItWasWritten() throws Exception {
        byte[] file = file(Entries.of("de", "hallo".getBytes(US_ASCII)), Entries.of("en", new byte[0]));

        DiskForm.Content read = read(file);

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
    void largeBodiesStayInTheFileWhileTheyAreHeld() throws Exception {
        byte[] large = new byte[LARGE];
        new Random(1).nextBytes(large);
        byte[] file =
                file(Entries.of("de", large), Entries.of("en", "small".getBytes(US_ASCII)), Entries.of("fr", large));

        DiskForm.Content read = read(file);

        assertThat(read).isNotNull();
        assertThat(read.variants()).extracting(Entry::isFiled).containsExactly(true, false, true);
        assertThat(open.key(Name.of(KEY))).isEqualTo(KEY);
        assertThat(file(read.variants())).isEqualTo(file);
        ByteBuf lent = read.variants()[2].body().lend(0, 10, LARGE);
        Cache.let(read.variants());
        Files.write(folder.resolve("b"), new byte[10]);
        Files.move(folder.resolve("b"), folder.resolve("a"), StandardCopyOption.REPLACE_EXISTING);
        byte[] bytes = new byte[LARGE - 10];
        lent.getBytes(0, bytes);
        assertThat(bytes).isEqualTo(Arrays.copyOfRange(large, 10, LARGE));
        FileRegion region = ((FileBytes) lent).region();
        var sent = new ByteArrayOutputStream();
        while (region.transferred() < region.count()) {
            region.transferTo(Channels.newChannel(sent), region.transferred());
        }
        assertThat(sent.toByteArray()).isEqualTo(bytes);
        region.release();
        assertThat(open.key(Name.of(KEY))).isNull();
        assertThat(read.variants()[0].body().tryHold()).isFalse();
    }

    @Test
    void headsAreReadWithoutBodies() throws Exception {
        byte[] file = file(Entries.of("de", new byte[1000]));
        file[file.length - 1] = 1;
        Path place = Files.write(folder.resolve("a"), file);

        try (DiskFile opened = DiskFile.open(place)) {
            DiskForm.Content read = opened.heads();
            assertThat(read.variants()[0].etag()).isEqualTo("\"1\"");
            assertThat(read.size()).isEqualTo(1000);
        }
        assertThat(read(file)).isNull();
    }

    @Test
    void whatIsCutOffOrChangedAtAnyPlaceIsNoFile() throws Exception {
        byte[] file = file(Entries.of("de", "hallo".getBytes(US_ASCII)), Entries.of("en", "hello".getBytes(US_ASCII)));
        for (int i = 0; i < file.length; i++) {
            assertThat(read(Arrays.copyOf(file, i))).as("cut at %d", i).isNull();
            for (int bit = 0; bit < 8; bit++) {
                byte[] changed = file.clone();
                changed[i] ^= (byte) (1 << bit);
                assertThat(read(changed)).as("bit %d of %d", bit, i).isNull();
            }
        }
        assertThat(read(Arrays.copyOf(file, file.length + 1))).isNull();
    }

    @Test
    void aLargeOneThatWasChangedIsNone() throws Exception {
        byte[] file = file(Entries.of("de", new byte[LARGE]));
        file[file.length - LARGE / 2] = 1;

        assertThat(read(file)).isNull();
        assertThat(open.key(Name.of(KEY))).isNull();
    }
}
