package dev.fairlead.l4.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.leak.NoLeaks;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
final class ClientCountsTest {
    private final ClientCounts counts = new ClientCounts();

    private static long client(String address) {
        return ClientCounts.client(InetAddress.ofLiteral(address));
    }

    @Test
    void countsAHostOfIpv6ByItsNetwork() {
        assertThat(client("2001:db8:1:2::1")).isEqualTo(client("2001:db8:1:2:ffff::9"));
        assertThat(client("2001:db8:1:2::1")).isNotEqualTo(client("2001:db8:1:3::1"));
        assertThat(client("10.0.0.1")).isNotEqualTo(client("10.0.0.2"));
        assertThat(client("10.0.0.1")).isNotZero();
    }

    @Test
    void forgetsWhoHasNoneLeft() {
        assertThat(counts.tryEnter(7, 2)).isTrue();
        assertThat(counts.tryEnter(7, 2)).isTrue();
        assertThat(counts.tryEnter(7, 2)).isFalse();
        assertThat(counts.tryEnter(8, 2)).isTrue();
        counts.leave(7);
        assertThat(counts.tryEnter(7, 2)).isTrue();
        counts.leave(7);
        counts.leave(7);
        counts.leave(8);

        assertThat(counts.size()).isZero();
    }

    @Test
    void isExactOverThreads() throws InterruptedException {
        AtomicInteger most = new AtomicInteger();
        AtomicInteger inside = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                for (int j = 0; j < 50_000; j++) {
                    if (counts.tryEnter(1, 2)) {
                        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        inside.decrementAndGet();
                        counts.leave(1);
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(most.get()).isBetween(1, 2);
        assertThat(counts.size()).isZero();
    }
}
