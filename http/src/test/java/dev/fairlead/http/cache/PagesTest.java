package dev.fairlead.http.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.CacheStoreSpec;
import dev.fairlead.http.exchange.FileBytes;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.sys.MemoryFile;
import io.netty.buffer.ByteBuf;
import io.netty.channel.FileRegion;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// Bodies outside of the heap: who holds them, and when their memory is given back.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class PagesTest {
    private static final int MEMORY = 1 << 20;
    private static final int BODY = 60_000;

    private final Cache cache = new Cache(new CacheStoreSpec(MEMORY, null), new Metrics());
    private final Pages pages = cache.pages();

    private static String key(int number) {
        return "web all app http a.test /" + number;
    }

    /// Every byte tells whose it is.
    private static byte[] body(int number, int size) {
        byte[] all = new byte[size];
        Arrays.fill(all, (byte) number);
        return all;
    }

    private boolean keep(int number, int size) {
        Entry kept = Entries.of("de", body(number, size)).compact(pages);
        if (kept == null) {
            return false;
        }
        cache.put(key(number), kept);
        kept.body().let();
        return true;
    }

    private Entry find(int number) {
        Entry found = cache.find(key(number), Entries.asking("de"));
        assertThat(found).isNotNull();
        return found;
    }

    @Test
    void areNoMoreThanWhatIsKept() throws Exception {
        for (int i = 0; i < 200; i++) {
            assertThat(keep(i, BODY + i)).isTrue();
        }
        assertThat(pages.bytes()).isBetween(MEMORY / 2L, (long) MEMORY);
        assertThat(pages.bytes() % MemoryFile.PAGE).isZero();
        cache.purge(Purge.all(false));
        assertThat(pages.bytes()).isZero();
    }

    @Test
    void areNotAskedForSmallBodies() {
        keep(1, Body.SMALL - 1);
        assertThat(pages.bytes()).isZero();
    }

    @Test
    void stayWhileWhatIsGoneIsStillSent() throws Exception {
        keep(7, BODY);
        Entry entry = find(7);
        ByteBuf lent = entry.body().lend(0, 10, BODY);
        entry.body().let();
        cache.purge(Purge.all(false));
        for (int i = 0; i < 100; i++) {
            keep(100 + i, BODY);
        }
        cache.purge(Purge.all(false));
        assertThat(pages.bytes()).isEqualTo(Pages.rounded(BODY));
        byte[] sent = new byte[BODY - 10];
        lent.getBytes(0, sent);
        assertThat(sent).containsOnly(7);
        // As the kernel takes it, from the file.
        FileRegion region = ((FileBytes) lent).region();
        ByteBuffer read = ByteBuffer.allocate(BODY);
        assertThat(pages.channel().read(read, region.position())).isPositive();
        assertThat(region.count()).isEqualTo(BODY - 10);
        assertThat(Arrays.copyOf(read.array(), BODY - 10)).containsOnly(7);
        region.release();
        assertThat(lent.refCnt()).isZero();
        assertThat(pages.bytes()).isZero();
    }

    @Test
    void areGivenBackWhenAnotherVariantTakesThePlace() {
        keep(1, BODY);
        keep(1, BODY + 5);
        assertThat(pages.bytes()).isEqualTo(Pages.rounded(BODY + 5));
        Entry entry = find(1);
        cache.remove(key(1), entry);
        assertThat(pages.bytes()).as("held here").isPositive();
        entry.body().let();
        assertThat(pages.bytes()).isZero();
        assertThat(entry.body().tryHold()).isFalse();
    }

    @Test
    void haveABoundThoughWhatIsGoneIsHeldForEver() throws Exception {
        List<Entry> held = new ArrayList<>();
        int number = 0;
        while (keep(number, BODY)) {
            held.add(find(number));
            cache.purge(Purge.all(false));
            number++;
        }
        assertThat(pages.bytes()).isBetween(MEMORY * 3L / 2, MEMORY * 2L);
        held.forEach(each -> each.body().let());
        assertThat(pages.bytes()).isZero();
        assertThat(keep(1, BODY)).isTrue();
    }

    @Test
    void neverShowAnothersBytes() throws Exception {
        List<CompletableFuture<Integer>> all = new ArrayList<>();
        for (int thread = 0; thread < 4; thread++) {
            Random random = new Random(thread);
            all.add(CompletableFuture.supplyAsync(() -> useMany(random), Thread::startVirtualThread));
        }
        for (int i = 0; i < 50; i++) {
            cache.purge(Purge.all(i % 2 == 0));
        }
        int found = 0;
        for (CompletableFuture<Integer> each : all) {
            found += each.get(50, TimeUnit.SECONDS);
        }
        assertThat(found).isPositive();
        cache.purge(Purge.all(false));
        assertThat(pages.bytes()).isZero();
    }

    private int useMany(Random random) {
        int found = 0;
        for (int i = 0; i < 3_000; i++) {
            int number = random.nextInt(40);
            if (random.nextBoolean()) {
                keep(number, Body.SMALL + random.nextInt(100_000));
                continue;
            }
            Entry entry = cache.find(key(number), Entries.asking("de"));
            if (entry != null) {
                found++;
                Body body = entry.body();
                ByteBuf lent = body.lend(0, 0, body.length(0));
                body.let();
                assertThat(lent.forEachByte(each -> each == (byte) number)).isEqualTo(-1);
                lent.release();
            }
        }
        return found;
    }
}
