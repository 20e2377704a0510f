package dev.fairlead.bench;

import dev.fairlead.upstream.balance.Balancer;
import dev.fairlead.upstream.balance.Draws;
import dev.fairlead.upstream.balance.Hash;
import dev.fairlead.upstream.balance.Latency;
import dev.fairlead.upstream.balance.LeastLoad;
import dev.fairlead.upstream.balance.Load;
import dev.fairlead.upstream.balance.Maglev;
import dev.fairlead.upstream.balance.PowerOfTwo;
import dev.fairlead.upstream.balance.RandomChoice;
import dev.fairlead.upstream.balance.RingHash;
import dev.fairlead.upstream.balance.RoundRobin;
import java.util.concurrent.TimeUnit;
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

/// What one pick of an endpoint costs, with 1 to 5 in flight on each, so that least-load and the bounded loads have
/// to look at all of them. [Bench] runs it.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PickBenchmark {
    @Param({"100"})
    private int endpoints;

    @Param({
        "round-robin",
        "random",
        "least-load",
        "least-load-weighted",
        "power-of-two",
        "latency",
        "maglev",
        "maglev-unbounded",
        "ring-hash"
    })
    private String algorithm = "";

    private Balancer balancer = (_, _) -> -1;
    private long turn;

    @Setup
    public void fill() {
        int[] weights = new int[endpoints];
        Load[] loads = Load.sideBySide(endpoints);
        String[] names = new String[endpoints];
        for (int i = 0; i < endpoints; i++) {
            weights[i] = algorithm.equals("least-load") ? 1 : 1 + i % 3;
            names[i] = "10.0.0." + i + ":8080";
            loads[i].succeeded(1_000_000L + i * 10_000L, 0);
            for (int k = 0; k < 1 + i % 5; k++) {
                loads[i].begin();
            }
        }
        balancer = switch (algorithm) {
            case "round-robin" -> new RoundRobin(weights, 0);
            case "random" -> new RandomChoice(weights, new Draws(1));
            case "least-load", "least-load-weighted" -> new LeastLoad(loads, weights, 0);
            case "power-of-two" -> new PowerOfTwo(loads, weights, new Draws(1));
            case "latency" -> new Latency(loads, weights, new Draws(1));
            case "maglev" -> new Maglev(names, loads, weights, 125);
            case "maglev-unbounded" -> new Maglev(names, loads, weights, 0);
            case "ring-hash" -> new RingHash(names, loads, weights, 125);
            default -> throw new IllegalArgumentException(algorithm);
        };
    }

    @Benchmark
    public int pick() {
        turn++;
        return balancer.choose(Hash.mix(turn), turn);
    }
}
