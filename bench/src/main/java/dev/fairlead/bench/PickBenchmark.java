package dev.fairlead.bench;

import dev.fairlead.upstream.balance.Balancer;
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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/// What one pick of an endpoint costs, alone and with a second loop picking from the same upstream. [Bench] runs
/// it.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PickBenchmark {
    @Param({"2", "100"})
    private int endpoints;

    private Balancer balancer = () -> -1;

    @Setup
    public void weights() {
        int[] weights = new int[endpoints];
        for (int i = 0; i < endpoints; i++) {
            weights[i] = 1 + i % 3;
        }
        balancer = new RoundRobin(weights, 0);
    }

    @Benchmark
    public int oneLoop() {
        return balancer.choose();
    }

    @Benchmark
    @Threads(2)
    public int twoLoops() {
        return balancer.choose();
    }
}
