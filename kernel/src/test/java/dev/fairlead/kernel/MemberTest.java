package dev.fairlead.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.Address;
import dev.fairlead.config.BalancerSpec;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.PoolSpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.config.UpstreamTimeouts;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Upstreams;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemberTest {
    private final Endpoint endpoint = endpoint();
    private final Member member = new Member(1, 1, endpoint, new Account.Count(5, 0, 0, 0, 0));

    private static Endpoint endpoint() {
        var spec = new EndpointSpec(new Address(InetAddress.ofLiteral("10.0.0.1"), 80), 1, 0);
        var second = Duration.ofSeconds(1);
        return new Upstreams(new Metrics())
                .put(new UpstreamSpec(
                        "app",
                        List.of(spec),
                        BalancerSpec.ROUND_ROBIN,
                        null,
                        new UpstreamTimeouts(second, second, second),
                        new PoolSpec(0, second),
                        3))
                .endpoints()
                .getFirst();
    }

    @Test
    void countsFromWhatItFound() {
        assertThat(member.since(new Account.Count(7, 1, 10, 2, 20))).isEqualTo(new Account.Count(2, 1, 10, 2, 20));
        assertThat(member.since(new Account.Count(8, 1, 10, 2, 20))).isEqualTo(new Account.Count(1, 0, 0, 0, 0));
        assertThat(endpoint.bytes().in().value()).isEqualTo(10);
        assertThat(endpoint.bytes().out().value()).isEqualTo(20);
    }

    @Test
    void anEndpointTakesNoRoomForWhatNeverCame() {
        member.since(new Account.Count(5, 0, 0, 0, 0));
        member.settle(0, 0);
        assertThat(endpoint.latency()).isNull();

        member.since(new Account.Count(6, 1, 10, 0, 0));

        assertThat(endpoint.latency()).isNotNull();
    }

    @Test
    void tellsTheEndpointOfFlowsThatCameAndWent() {
        member.settle(10, 3);

        assertThat(endpoint.picks()).isEqualTo(10);
        assertThat(endpoint.active()).isEqualTo(3);
        assertThat(member.isIdle()).isFalse();

        member.settle(0, 0);

        assertThat(endpoint.active()).isZero();
        assertThat(endpoint.picks()).isEqualTo(10);
        assertThat(member.isIdle()).isTrue();
    }

    /// The table is read after the counters.
    @Test
    void countsAFlowOnceThatBeganBetweenTwoReadings() {
        member.settle(1, 3);
        assertThat(endpoint.active()).isEqualTo(3);

        member.settle(2, 3);

        assertThat(endpoint.active()).isEqualTo(3);
        assertThat(endpoint.picks()).isEqualTo(3);
    }
}
