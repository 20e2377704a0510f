package dev.fairlead.http.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.leak.NoLeaks;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// Parts of one body, against a set of the bytes that are there.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class PartialBodyTest {
    private static final int SIZE = 200_000;
    private static final byte[] ALL = new byte[SIZE];

    static {
        new Random(1).nextBytes(ALL);
    }

    private final Pages pages = new Pages(1 << 22);

    /// Held by the caller.
    private PartialBody part(int from, int to) {
        Body kept = Body.of(Arrays.copyOfRange(ALL, from, to)).compact(pages);
        assertThat(kept).isNotNull();
        return new PartialBody(SIZE, from, kept);
    }

    /// Takes both holds, and gives one of what comes of them.
    private Body together(PartialBody one, PartialBody other) {
        Body both = one.with(other, pages);
        assertThat(both).isNotNull();
        one.let();
        other.let();
        return both;
    }

    /// Every byte that is there is right; those that are not are not lent.
    private static void assertHas(PartialBody body, BitSet there) {
        int at = 0;
        for (int i = 0; i < body.count(); i++) {
            int length = body.length(i);
            assertThat(body.has(at, at + length)).isEqualTo(there.get(at));
            if (there.get(at)) {
                assertThat(there.nextClearBit(at)).isGreaterThanOrEqualTo(at + length);
                ByteBuf lent = body.lend(i, 0, length);
                byte[] bytes = new byte[length];
                lent.readBytes(bytes).release();
                assertThat(Arrays.equals(bytes, Arrays.copyOfRange(ALL, at, at + length)))
                        .isTrue();
            } else {
                int next = there.nextSetBit(at);
                assertThat(next < 0 ? SIZE : next).isEqualTo(at + length);
            }
            at += length;
        }
        assertThat(at).isEqualTo(SIZE);
        assertThat(body.held()).isEqualTo(there.cardinality());
        assertThat(body.missingFrom()).isEqualTo(there.nextClearBit(0));
        assertThat(body.missingTo()).isEqualTo(there.previousClearBit(SIZE - 1) + 1);
    }

    @Test
    void hasWhatCameInWhateverOrder() {
        for (int seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            BitSet there = new BitSet(SIZE);
            Body body = part(0, 1);
            there.set(0);
            for (int i = 0; i < 150 && body instanceof PartialBody parts; i++) {
                int from = random.nextInt(SIZE - 1);
                int to = from + 1 + random.nextInt(Math.min(seed < 20 ? 1_500 : 30_000, SIZE - 1 - from));
                PartialBody more = part(from, to);
                Body both = parts.with(more, pages);
                more.let();
                if (both == null) {
                    // So many gaps that no more is taken: what was there is there still.
                    continue;
                }
                parts.let();
                body = both;
                there.set(from, to);
                if (body instanceof PartialBody now) {
                    assertHas(now, there);
                    assertThat(now.count()).isLessThanOrEqualTo(3 * PartialBody.PARTS_MAX);
                }
            }
            body.let();
            assertThat(pages.bytes()).as("seed %d", seed).isZero();
        }
    }

    @Test
    void isWholeWhenNothingIsMissing() {
        PartialBody ends = (PartialBody) together(part(0, 70_000), part(120_000, SIZE));
        assertThat(ends.has(0, 70_000)).isTrue();
        assertThat(ends.has(69_999, 70_001)).isFalse();
        assertThat(ends.has(119_999, 120_001)).isFalse();
        Body whole = together(ends, part(60_000, 130_000));
        assertThat(whole.state()).isEqualTo(Body.State.WHOLE);
        byte[] bytes = new byte[SIZE];
        int at = 0;
        for (int i = 0; i < whole.count(); i++) {
            whole.view(i).get(bytes, at, whole.length(i));
            at += whole.length(i);
        }
        assertThat(Arrays.equals(bytes, ALL)).isTrue();
        whole.let();
        assertThat(pages.bytes()).isZero();
    }

    @Test
    void joinsWhatTouchesBeforeItHasTooManyParts() {
        Body body = part(1, 1_001);
        for (int i = 1; i < 2 * PartialBody.PARTS_MAX; i++) {
            body = together((PartialBody) body, part(1 + i * 1_000, 1_001 + i * 1_000));
        }
        BitSet there = new BitSet(SIZE);
        there.set(1, 1 + 2 * PartialBody.PARTS_MAX * 1_000);
        assertHas((PartialBody) body, there);
        body.let();
        assertThat(pages.bytes()).isZero();
    }
}
