package dev.fairlead.upstream.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.upstream.health.OutlierDetector.Cause;
import dev.fairlead.upstream.health.OutlierDetector.Outlier;
import dev.fairlead.upstream.health.OutlierDetector.Seen;
import dev.fairlead.upstream.health.OutlierDetector.Terms;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    /// Worked by hand for 1,000 outcomes each: mean, population deviation, and the bound that is mean - factor x
    /// deviation. The rates of a row make round numbers of both.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # successes of 1,000                          | factor | mean, deviation, bound    | out
            1000 1000 1000 1000 800                       | 190    | 0.96   0.08     0.808     | 4
            1000 1000 1000 1000 800                       | 201    | 0.96   0.08     0.7992    |
            800 1000 1000 1000 1000                       | 199    | 0.96   0.08     0.8008    | 0
            900 900 700 900 900 900 900 700 900 900       | 190    | 0.86   0.08     0.708     | 2 7
            900 900 700 900 900 900 900 700 900 900       | 201    | 0.86   0.08     0.6992    |
            1000 1000 1000 1000 1000 1000 1000 1000 1000 0 | 299   | 0.9    0.3      0.003     | 9
            1000 1000 1000 1000 1000 1000 1000 1000 1000 0 | 301   | 0.9    0.3     -0.003     |
            990 980 970 960 950                           | 141    | 0.97   0.014142 0.950060  | 4
            990 980 970 960 950                           | 142    | 0.97   0.014142 0.949918  |
            600 400 600 400 600 400                       | 100    | 0.5    0.1      0.4       |
            600 400 600 400 600 400                       | 99     | 0.5    0.1      0.401     | 1 3 5
            500 500 500 500 500                           | 190    | 0.5    0        0.5       |
            """)
    void ratesAreJudgedAsTheTableSays(String successes, int factor, String worked, @Nullable String out) {
        Seen[] group = Stream.of(successes.split(" "))
                .map(each -> seen(Long.parseLong(each), 1000 - Long.parseLong(each), 10))
                .toArray(Seen[]::new);
        Outlier[] outliers = Stream.of(out == null ? new String[0] : out.split(" "))
                .map(each -> new Outlier(Integer.parseInt(each), Cause.SUCCESS_RATE))
                .toArray(Outlier[]::new);
        assertThat(judge(new Terms(0, 0, 5, 100, factor, 0), group)).as(worked).containsExactly(outliers);
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
