package dev.fairlead.bench;

import dev.fairlead.upstream.balance.Load;
import dev.fairlead.upstream.balance.Maglev;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What it costs to make Maglev's table anew when one of 1,000 endpoints has changed.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MaglevBenchmark {
    private final String[] names = new String[1000];
    private final Load[] loads = Load.sideBySide(1000);
    private final int[] weights = new int[1000];
    private int turn;

    @Setup
    public void fill() {
        Arrays.setAll(names, i -> "10.0." + i / 250 + "." + i % 250 + ":8080");
        Arrays.fill(weights, 1);
    }

    @Benchmark
    public Maglev rebuild() {
        weights[turn % 1000] = 1;
        weights[++turn % 1000] = 0;
        return new Maglev(names, loads, weights, 125);
    }
}
