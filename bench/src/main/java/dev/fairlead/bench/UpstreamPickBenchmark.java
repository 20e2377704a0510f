package dev.fairlead.bench;

import dev.fairlead.config.ConfigFile;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.Choice;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.HashKey;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.Upstreams;
import dev.fairlead.upstream.balance.Hash;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What a whole [Upstream#pick] costs: the snapshot, the subset if there is one, the tier, the balancer, and whether
/// the endpoint takes it. 100 endpoints of weight 1 to 3, with 1 to 5 in flight on each.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class UpstreamPickBenchmark {
    @Param({"round-robin", "random", "least-load", "power-of-two", "latency", "maglev", "ring-hash"})
    private String algorithm = "";

    /// `none`, or one of ten that the request names.
    @Param({"none", "by-header"})
    private String subset = "";

    private @Nullable Upstream upstream;
    private final Request request = new Request();

    private static final class Request implements Choice {
        private long turn;

        @Override
        public boolean hasTried(Endpoint endpoint) {
            return false;
        }

        @Override
        public long hash(HashKey key) {
            return key instanceof HashKey.Header ? VALUES[(int) (turn % VALUES.length)] : Hash.mix(turn);
        }
    }

    private static final long[] VALUES = new long[10];

    @Setup
    public void fill() {
        StringBuilder yaml = new StringBuilder(
                """
                listeners:
                  web: {protocol: http, address: "*:0", upstream: app}
                upstreams:
                  app:
                    balancer: %s
                    %s
                    endpoints:
                """.formatted(algorithm, subset.equals("none") ? "" : "subset: {label: version, header: X-Version}"));
        for (int i = 0; i < 100; i++) {
            yaml.append("      - {address: \"10.0.0.%d:80\", weight: %d, labels: {version: v%d}}\n"
                    .formatted(i, 1 + i % 3, i % VALUES.length));
        }
        for (int i = 0; i < VALUES.length; i++) {
            VALUES[i] = Hash.of("v" + i);
        }
        ConfigFile.Reading reading = ConfigFile.read(yaml.toString(), "bench.yaml", Map.of());
        Upstream made = new Upstreams(new Metrics(), 1)
                .put(Objects.requireNonNull(
                                reading.config(), () -> reading.problems().toString())
                        .upstreams()
                        .get("app"));
        int i = 0;
        for (Endpoint endpoint : made.endpoints()) {
            for (int k = 0; k < 1 + i % 5; k++) {
                endpoint.begin();
            }
            endpoint.answered(1_000_000L + i++ * 10_000L, false, 0);
        }
        upstream = made;
    }

    @Benchmark
    public @Nullable Endpoint pick() {
        request.turn++;
        return Objects.requireNonNull(upstream).pick(request, request.turn);
    }
}
