package dev.fairlead.upstream.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.upstream.health.OutlierDetector.Cause;
import dev.fairlead.upstream.health.OutlierDetector.Outlier;
import dev.fairlead.upstream.health.OutlierDetector.Seen;
import dev.fairlead.upstream.health.OutlierDetector.Terms;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OutlierDetectorTest {
    private static final Terms TERMS = new Terms(5, 5, 5, 100, 190, 300);

    private static Seen seen(long successes, long failures, double latencyMillis) {
        return new Seen(0, 0, successes, failures, latencyMillis * 1e6);
    }

    private static List<Outlier> judge(Terms terms, Seen... group) {
        return new OutlierDetector(terms).judge(List.of(group));
    }

    /// Worked by hand. Rates 1, 1, 1, 1, 0.8: mean 0.96, deviation sqrt((4 x 0.04² + 0.16²) / 5) = 0.08, so the
    /// bound is 0.96 - 1.9 x 0.08 = 0.808 and 0.8 is out. At a factor of 2.1 it is 0.792, and 0.8 stays.
    @Test
    void findsTheRateFarBelowTheGroup() {
        Seen good = seen(200, 0, 10);
        Seen bad = seen(160, 40, 10);
        assertThat(judge(TERMS, good, good, bad, good, good)).containsExactly(new Outlier(2, Cause.SUCCESS_RATE));
        var lenient = new Terms(5, 5, 5, 100, 210, 300);
        assertThat(judge(lenient, good, good, bad, good, good)).isEmpty();
    }

    /// Rates 0.99, 0.98, 0.97, 0.96, 0.95: mean 0.97, deviation 0.01414, bound 0.9431: all stay.
    @Test
    void sparesAGroupThatIsMerelyUneven() {
        assertThat(judge(TERMS, seen(198, 2, 1), seen(196, 4, 1), seen(194, 6, 1), seen(192, 8, 1), seen(190, 10, 1)))
                .isEmpty();
    }

    /// When all are equally bad it is not one endpoint's fault.
    @Test
    void sparesAGroupThatIsBadTogether() {
        Seen bad = seen(20, 180, 10);
        assertThat(judge(TERMS, bad, bad, bad, bad, bad)).isEmpty();
    }

    @Test
    void judgesNoRateAmongTooFew() {
        Seen good = seen(200, 0, 10);
        Seen bad = seen(0, 200, 10);
        assertThat(judge(TERMS, good, good, good, bad)).isEmpty();
        Seen hardlyUsed = seen(99, 0, 10);
        assertThat(judge(TERMS, good, good, good, bad, hardlyUsed)).isEmpty();
    }

    @Test
    void judgesNoEndpointByTooLittle() {
        Seen good = seen(200, 0, 10);
        Seen hardlyUsed = seen(9, 90, 500);
        assertThat(judge(TERMS, good, good, good, good, good, hardlyUsed)).isEmpty();
    }

    @Test
    void findsTheSlowOne() {
        Seen good = seen(200, 0, 10);
        assertThat(judge(TERMS, good, good, seen(200, 0, 30.5), good, seen(200, 0, 29.5)))
                .containsExactly(new Outlier(2, Cause.LATENCY));
    }

    @Test
    void findsRowsOfAnyoneAlone() {
        assertThat(judge(TERMS, new Seen(5, 0, 0, 5, 0))).containsExactly(new Outlier(0, Cause.CONNECT_FAILURES));
        assertThat(judge(TERMS, new Seen(4, 5, 0, 5, 0))).containsExactly(new Outlier(0, Cause.FAULTS));
        assertThat(judge(TERMS, new Seen(4, 4, 0, 4, 0))).isEmpty();
    }

    @Test
    void judgesNobodyWhenAllIsOff() {
        var off = new Terms(0, 0, 1, 0, 0, 0);
        List<Seen> group = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            group.add(new Seen(i, 100 * i, i, 1000L * i, 1e9 * i));
        }
        assertThat(new OutlierDetector(off).judge(group)).isEmpty();
        assertThat(new OutlierDetector(TERMS).judge(List.of())).isEmpty();
    }
}
