package dev.fairlead.upstream.balance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Simulated: exchanges come at random, endpoints answer after their own time.
final class LatencyTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long MILLI = 1_000_000L;

    private interface Server {
        /// Nanoseconds until the answer; negative: it fails after that long.
        long answers(long nowNanos, Random random);
    }

    private static long about(long nanos, Random random) {
        return (long) (nanos * (0.7 + 0.6 * random.nextDouble()));
    }

    /// Picks of each between `from` and `to`, at 500 exchanges a second.
    private static int[] run(Server[] servers, long from, long to) {
        record Ending(long at, int endpoint, long took) {}
        Load[] loads = Shares.loads(servers.length);
        int[] weights = new int[servers.length];
        Arrays.fill(weights, 1);
        var balancer = new Latency(loads, weights, new Draws(1));
        var random = new Random(2);
        var endings = new PriorityQueue<Ending>((a, b) -> Long.compare(a.at, b.at));
        int[] picks = new int[servers.length];
        for (long now = SECOND; now < to; now += (long) (2 * MILLI * -Math.log(1 - random.nextDouble()))) {
            while (!endings.isEmpty() && endings.peek().at <= now) {
                Ending ending = endings.remove();
                loads[ending.endpoint].end();
                if (ending.took < 0) {
                    loads[ending.endpoint].failed(-ending.took, ending.at);
                } else {
                    loads[ending.endpoint].succeeded(ending.took, ending.at);
                }
            }
            int chosen = balancer.choose(0, now);
            picks[chosen] += now >= from ? 1 : 0;
            loads[chosen].begin();
            long took = servers[chosen].answers(now, random);
            endings.add(new Ending(now + Math.abs(took), chosen, took));
        }
        return picks;
    }

    private static double share(int[] picks, int of) {
        return (double) picks[of] / Arrays.stream(picks).sum();
    }

    @Test
    void sparesASlowEndpoint() {
        Server fast = (_, random) -> about(10 * MILLI, random);
        Server slow = (_, random) -> about(200 * MILLI, random);
        int[] picks = run(new Server[] {fast, fast, slow, fast, fast}, 10 * SECOND, 60 * SECOND);
        System.out.printf("latency: a server 20 times as slow gets %.4f of the picks%n", share(picks, 2));
        assertThat(share(picks, 2)).isBetween(0.00004, 0.02);
    }

    @Test
    void isNotDrawnToAnEndpointThatFailsFast() {
        Server good = (_, random) -> about(50 * MILLI, random);
        Server failing = (_, _) -> -MILLI / 10;
        int[] picks = run(new Server[] {good, failing, good, good, good}, SECOND, 60 * SECOND);
        System.out.printf("latency: a server that fails in 0.1 ms gets %.4f of the picks%n", share(picks, 1));
        assertThat(share(picks, 1)).isLessThan(0.02);
    }

    /// Half of its answers are good, and fast: that does not make it a good endpoint.
    @Test
    void isNotDrawnToAnEndpointThatFailsHalfTheTime() {
        Server good = (_, random) -> about(50 * MILLI, random);
        Server flaky = (_, random) -> random.nextBoolean() ? -MILLI / 10 : about(20 * MILLI, random);
        int[] picks = run(new Server[] {good, flaky, good, good, good}, SECOND, 60 * SECOND);
        assertThat(share(picks, 1)).isLessThan(0.1);
    }

    @Test
    void takesAnEndpointBackThatHasWarmedUp() {
        Server good = (_, random) -> about(20 * MILLI, random);
        Server warming = (now, random) -> about(now < 20 * SECOND ? 400 * MILLI : 20 * MILLI, random);
        Server[] servers = {good, good, warming, good, good};
        assertThat(share(run(servers, 5 * SECOND, 20 * SECOND), 2)).isLessThan(0.04);
        assertThat(share(run(servers, 60 * SECOND, 90 * SECOND), 2)).isBetween(0.12, 0.28);
    }

    @Test
    void takesAnEndpointBackThatFailedOnce() {
        Load failed = new Load();
        failed.succeeded(10 * MILLI, SECOND);
        failed.failed(MILLI, SECOND);
        Load good = new Load();
        good.succeeded(10 * MILLI, SECOND);
        float after = failed.cost(10 * MILLI, 2 * SECOND) / good.cost(10 * MILLI, 2 * SECOND);
        float later = failed.cost(10 * MILLI, 41 * SECOND) / good.cost(10 * MILLI, 41 * SECOND);
        assertThat(after).isBetween(3f, 8f);
        assertThat(later).isLessThan(1.1f);
    }

    @Test
    void peaksCountAtOnceAndAreForgottenInTime() {
        Load load = new Load();
        load.succeeded(10 * MILLI, SECOND);
        load.succeeded(500 * MILLI, 2 * SECOND);
        assertThat(load.latencyNanos()).isEqualTo(500f * MILLI);
        for (int i = 0; i < 40; i++) {
            load.succeeded(10 * MILLI, (3 + i) * SECOND);
        }
        assertThat(load.latencyNanos()).isBetween(10f * MILLI, 25f * MILLI);
    }

    /// However many answers come in a moment, they weigh as the time that passed.
    @Test
    void aBurstOfAnswersIsNoLongerThanItsTime() {
        Load load = new Load();
        load.succeeded(500 * MILLI, SECOND);
        for (int i = 0; i < 1000; i++) {
            load.succeeded(10 * MILLI, SECOND + i * 1000L);
        }
        assertThat(load.latencyNanos()).isGreaterThan(490f * MILLI);
    }

    @Test
    void anUnmeasuredEndpointBeginsAtTheMedian() {
        assertThat(new Load().cost(7f, SECOND)).isEqualTo(7f);
    }

    @Test
    void anAverageThatNothingRenewsDriftsToTheMedian() {
        Load load = new Load();
        load.succeeded(SECOND, SECOND);
        assertThat(load.cost(10f * MILLI, 121 * SECOND)).isLessThan(30f * MILLI);
    }
}
