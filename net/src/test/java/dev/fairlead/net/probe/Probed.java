package dev.fairlead.net.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.Address;
import dev.fairlead.config.BalancerSpec;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.GrpcProbeSpec;
import dev.fairlead.config.HttpProbeSpec;
import dev.fairlead.config.PoolSpec;
import dev.fairlead.config.ProbePace;
import dev.fairlead.config.ProbeSpec;
import dev.fairlead.config.StatusRange;
import dev.fairlead.config.TlsTrust;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.config.UpstreamTimeouts;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.Loops;
import dev.fairlead.upstream.Upstreams;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What probes of one kind find at a port of this machine.
final class Probed {
    static final ProbePace PACE = new ProbePace(Duration.ofMillis(25), null, 0, Duration.ofSeconds(20), 1, 1);
    static final ProbePace HASTY = new ProbePace(Duration.ofMillis(25), null, 0, Duration.ofMillis(200), 1, 1);

    private Probed() {}

    /// The result of the second probe: what the first leaves behind must not help or harm it.
    static ProbeResult at(int port, ProbeSpec spec) throws Exception {
        Metrics metrics = new Metrics();
        Address address = new Address(InetAddress.getLoopbackAddress(), port);
        var upstream = new Upstreams(metrics)
                .put(new UpstreamSpec(
                        "app",
                        List.of(new EndpointSpec(address, 1, 0)),
                        BalancerSpec.ROUND_ROBIN,
                        spec,
                        new UpstreamTimeouts(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1)),
                        new PoolSpec(0, Duration.ofSeconds(1)),
                        3));
        BlockingQueue<ProbeResult> results = new LinkedBlockingQueue<>();
        Loops loops = new Loops(1);
        Probing probing = new Probing(
                loops.all().getFirst(),
                upstream.endpoints().getFirst(),
                spec,
                null,
                Question.of(spec),
                metrics,
                (_, result) -> results.add(result));
        try {
            probing.start();
            ProbeResult first = results.poll(30, TimeUnit.SECONDS);
            ProbeResult second = results.poll(30, TimeUnit.SECONDS);
            assertThat(second).isNotNull().isEqualTo(first);
            return second;
        } finally {
            probing.stop();
            loops.close();
        }
    }

    static HttpProbeSpec http(String method, String path, @Nullable String body) {
        return http(method, path, body, false, TlsTrust.STRICT, PACE);
    }

    /// An HTTP probe that takes 200 to 299 and 304 for good.
    static HttpProbeSpec http(
            String method, String path, @Nullable String body, boolean tls, TlsTrust trust, ProbePace pace) {
        List<StatusRange> expect = List.of(new StatusRange(200, 299), new StatusRange(304, 304));
        return new HttpProbeSpec(method, path, null, expect, body, tls, trust, 0, pace);
    }

    static GrpcProbeSpec grpc(@Nullable String service, @Nullable TlsTrust trust) {
        return new GrpcProbeSpec(service, null, trust != null, trust == null ? TlsTrust.STRICT : trust, 0, PACE);
    }
}
