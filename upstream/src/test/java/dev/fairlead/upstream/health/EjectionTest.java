package dev.fairlead.upstream.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class EjectionTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long BASE = 30 * SECOND;
    private static final long MOST = 300 * SECOND;

    private final Ejection ejection = new Ejection();

    /// Ejected whenever it returns: how long each exile lasted.
    private long exile(long now) {
        ejection.eject(now, BASE, MOST);
        long end = now;
        while (!ejection.returns(end)) {
            end += SECOND;
        }
        return end - now;
    }

    @Test
    void lastsLongerEachTime() {
        long now = -70 * SECOND;
        for (int n = 1; n <= 12; n++) {
            long exile = exile(now);
            assertThat(exile).isEqualTo(Math.min(n * BASE, MOST));
            now += exile + SECOND;
        }
    }

    @Test
    void isForgivenInTime() {
        long now = 0;
        for (int n = 1; n <= 3; n++) {
            now += exile(now);
        }
        assertThat(exile(now + 2 * BASE)).isEqualTo(2 * BASE);
    }

    @Test
    void isForgottenWhenPardoned() {
        exile(0);
        ejection.eject(BASE, BASE, MOST);
        ejection.pardon();
        assertThat(ejection.isOut()).isFalse();
        assertThat(exile(BASE)).isEqualTo(BASE);
    }

    @Test
    void takesOnlyAPartOfTheGroup() {
        assertThat(Ejection.most(1, 50)).isZero();
        assertThat(Ejection.most(2, 10)).isEqualTo(1);
        assertThat(Ejection.most(3, 50)).isEqualTo(1);
        assertThat(Ejection.most(100, 10)).isEqualTo(10);
        assertThat(Ejection.most(100, 0)).isZero();
        assertThat(Ejection.most(4, 100)).isEqualTo(4);
    }

    /// Whatever happens when: out exactly from an ejection to its end, and no exile beyond the most.
    @Test
    void isOutOnlyUntilItsEnd() {
        var random = new Random(4);
        for (int round = 0; round < 200; round++) {
            var each = new Ejection();
            long now = 0;
            long since = 0;
            boolean out = false;
            for (int i = 0; i < 300; i++) {
                now += random.nextLong(20 * SECOND);
                switch (random.nextInt(3)) {
                    case 0 -> {
                        if (!out) {
                            each.eject(now, BASE, MOST);
                            since = now;
                            out = true;
                        }
                    }
                    case 1 -> {
                        boolean returned = each.returns(now);
                        assertThat(!returned || out && now - since >= BASE).isTrue();
                        assertThat(out && now - since >= MOST && !returned).isFalse();
                        out = out && !returned;
                    }
                    default -> assertThat(each.isOut()).isEqualTo(out);
                }
            }
        }
    }
}
