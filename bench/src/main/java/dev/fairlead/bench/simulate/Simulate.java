package dev.fairlead.bench.simulate;

import dev.fairlead.upstream.balance.Draws;
import dev.fairlead.upstream.balance.Latency;
import dev.fairlead.upstream.balance.LeastLoad;
import dev.fairlead.upstream.balance.Maglev;
import dev.fairlead.upstream.balance.PowerOfTwo;
import dev.fairlead.upstream.balance.RandomChoice;
import dev.fairlead.upstream.balance.RingHash;
import dev.fairlead.upstream.balance.RoundRobin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// Puts every balancer before the same five servers, of which one is slow, and writes what came of it: the plot
/// `balancing.svg` and the table in `balancing.md`, between its two marks. The argument is the folder of both,
/// `docs`.
public final class Simulate {
    private static final String BEGIN = "<!-- simulated: begin -->\n";
    private static final String END = "<!-- simulated: end -->";

    private Simulate() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments.length == 0 ? "docs" : arguments[0]);
        List<Simulation.Result> results = List.of(
                Simulation.run("round-robin", (_, _, weights) -> new RoundRobin(weights, 0)),
                Simulation.run("random", (_, _, weights) -> new RandomChoice(weights, new Draws(1))),
                Simulation.run("least-load", (_, loads, weights) -> new LeastLoad(loads, weights, 0)),
                Simulation.run("power-of-two", (_, loads, weights) -> new PowerOfTwo(loads, weights, new Draws(1))),
                Simulation.run("latency", (_, loads, weights) -> new Latency(loads, weights, new Draws(1))),
                Simulation.run("maglev", (names, loads, weights) -> new Maglev(names, loads, weights, 125)),
                Simulation.run("maglev, no bound", (names, loads, weights) -> new Maglev(names, loads, weights, 0)),
                Simulation.run("ring-hash", (names, loads, weights) -> new RingHash(names, loads, weights, 125)));
        StringBuilder table =
                new StringBuilder("| balancer | p50 ms | p99 ms | given to the slow one |\n|---|--:|--:|--:|\n");
        for (Simulation.Result each : results) {
            table.append(String.format(
                    Locale.ROOT,
                    "| `%s` | %.1f | %.1f | %.1f%% |%n",
                    each.name(),
                    each.p50Millis(),
                    each.p99Millis(),
                    100 * each.slowShare()));
        }
        System.out.print(table);
        Files.writeString(folder.resolve("balancing.svg"), Plot.svg(results));
        Path page = folder.resolve("balancing.md");
        String text = Files.readString(page);
        int from = text.indexOf(BEGIN) + BEGIN.length();
        Files.writeString(page, text.substring(0, from) + table + text.substring(text.indexOf(END)));
    }
}
