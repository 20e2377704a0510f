package dev.fairlead.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.ClientLimits;
import dev.fairlead.leak.NoLeaks;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Timeout(60)
@ExtendWith(NoLeaks.class)
final class ClientTableTest {
    private static final ClientLimits THREE = new ClientLimits(3, 0, 0);
    private static final long SECOND = 1_000_000_000L;

    private final ClientTable table = new ClientTable(1024);
    private final ClientTable.Client[] opened = new ClientTable.Client[1];

    @Test
    void boundsTheConnectionsOfEachClient() {
        for (int i = 0; i < 3; i++) {
            assertThat(open(1, THREE, 0)).isEqualTo(ClientTable.Answer.YES);
        }
        assertThat(open(1, THREE, 0)).isEqualTo(ClientTable.Answer.TOO_MANY);
        assertThat(open(2, THREE, 0)).isEqualTo(ClientTable.Answer.YES);
        assertThat(opened[0]).isNotNull();
        assertThat(open(1, THREE, 0)).isEqualTo(ClientTable.Answer.TOO_MANY);
    }

    @Test
    void givesBackWhatWasClosed() {
        for (int i = 0; i < 100; i++) {
            assertThat(open(1, new ClientLimits(1, 0, 0), 0)).isEqualTo(ClientTable.Answer.YES);
            opened[0].close();
        }
    }

    @Test
    void letsABurstInAndThenTheRate() {
        var limits = new ClientLimits(0, 10, 5);
        long now = 77;
        int burst = 0;
        while (open(1, limits, now) == ClientTable.Answer.YES) {
            burst++;
        }
        assertThat(burst).isEqualTo(5);
        assertThat(open(1, limits, now + SECOND / 10 - 1)).isEqualTo(ClientTable.Answer.TOO_FAST);
        int within = 0;
        for (long at = now; at < now + 10 * SECOND; at += SECOND / 100) {
            if (open(1, limits, at) == ClientTable.Answer.YES) {
                within++;
            }
        }
        assertThat(within).isBetween(99, 100);
    }

    @Test
    void countsNoConnectionThatWasTooFast() {
        var limits = new ClientLimits(2, 1, 1);
        assertThat(open(1, limits, 0)).isEqualTo(ClientTable.Answer.YES);
        for (int i = 0; i < 10; i++) {
            assertThat(open(1, limits, 0)).isEqualTo(ClientTable.Answer.TOO_FAST);
        }
        assertThat(open(1, limits, SECOND)).isEqualTo(ClientTable.Answer.YES);
        assertThat(open(1, limits, 9 * SECOND)).isEqualTo(ClientTable.Answer.TOO_MANY);
    }

    /// The table is scattered by a seed of its own: now and then more clients meet in one place of it than that holds,
    /// and the last of them is not counted.
    @Test
    void forgetsWhoHasNothingOpenAndNeverWhoHas() {
        List<ClientTable.Client> held = new ArrayList<>();
        List<Long> counted = new ArrayList<>();
        var one = new ClientLimits(1, 0, 0);
        for (long client = 0; client < 300; client++) {
            if (open(client, one, 0) == ClientTable.Answer.YES) {
                held.add(opened[0]);
                counted.add(client);
            }
        }
        assertThat(counted).hasSizeGreaterThan(290);
        for (long client = 1000; client < 200_000; client++) {
            if (open(client, one, client) == ClientTable.Answer.YES) {
                opened[0].close();
            }
        }
        for (long client : counted) {
            assertThat(open(client, one, 0)).isEqualTo(ClientTable.Answer.TOO_MANY);
        }
        held.forEach(ClientTable.Client::close);
        for (long client : counted) {
            assertThat(open(client, one, 0)).isEqualTo(ClientTable.Answer.YES);
        }
    }

    @Test
    void saysSoWhenThereIsNoRoom() {
        var one = new ClientLimits(1, 0, 0);
        int uncounted = 0;
        for (long client = 0; client < 4096; client++) {
            if (open(client, one, 0) == ClientTable.Answer.UNCOUNTED) {
                assertThat(opened[0]).isNull();
                uncounted++;
            }
        }
        assertThat(uncounted).isGreaterThanOrEqualTo(4096 - table.size());
    }

    @Test
    void isExactOverAllThreads() throws Exception {
        var small = new ClientTable(16);
        List<AtomicInteger> open = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            open.add(new AtomicInteger());
        }
        var most = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            Random random = new Random(t);
            threads.add(Thread.ofPlatform().start(() -> hammer(small, open, most, random)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(most.get()).isBetween(1, 3);
    }

    /// More clients than slots, so that they push each other out all the time.
    private static void hammer(ClientTable table, List<AtomicInteger> open, AtomicInteger most, Random random) {
        var mine = new ClientTable.Client[1];
        for (int i = 0; i < 60_000; i++) {
            int client = random.nextInt(open.size());
            if (table.open(0, client, THREE, i, mine, 0) == ClientTable.Answer.YES) {
                most.accumulateAndGet(open.get(client).incrementAndGet(), Math::max);
                Thread.onSpinWait();
                open.get(client).decrementAndGet();
                mine[0].close();
            }
        }
    }

    private ClientTable.Answer open(long client, ClientLimits limits, long nowNanos) {
        return table.open(0, client, limits, nowNanos, opened, 0);
    }
}
