package dev.fairlead.bench.simulate;

import dev.fairlead.upstream.balance.Balancer;
import dev.fairlead.upstream.balance.Hash;
import dev.fairlead.upstream.balance.Load;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.PriorityQueue;
import java.util.Random;

/// Exchanges in simulated time: they come at random (Poisson), from clients of which a few are busy; each server
/// works on eight at once and keeps the others waiting in turn; work takes 10 ms on average (exponential), on the
/// slow server five times that. One balancer, one thread, no sockets, always the same numbers.
final class Simulation {
    static final int SERVERS = 5;
    static final int SLOW = 4;
    static final int SLOWNESS = 5;
    static final int WORKERS = 8;
    static final double WORK_NANOS = 10e6;
    /// Of what the four good servers could do, 3,200 a second; so that the slow one can just bear a fifth.
    static final double RATE = 0.2;

    private static final int CLIENTS = 2000;
    private static final int WARM_UP = 20_000;
    private static final int EXCHANGES = 200_000;

    /// Makes the balancer of one run.
    interface Maker {
        Balancer make(String[] names, Load[] loads, int[] weights);
    }

    /// What clients saw, and the part of exchanges that the slow server got.
    record Result(String name, double p50Millis, double p99Millis, double slowShare) {}

    private record Event(long atNanos, int server, long begunNanos) {}

    private final String name;
    private final Load[] loads = Load.sideBySide(SERVERS);
    private final Balancer balancer;
    private final Random random = new Random(42);
    private final PriorityQueue<Event> endings = new PriorityQueue<>((a, b) -> Long.compare(a.atNanos, b.atNanos));
    private final int[] working = new int[SERVERS];
    private final ArrayDeque<Long>[] waiting = queues();
    private final double[] millis = new double[EXCHANGES];
    private int ended;
    private int slowPicks;

    private Simulation(String name, Maker maker) {
        this.name = name;
        String[] names = new String[SERVERS];
        Arrays.setAll(names, i -> "10.0.0." + (i + 1) + ":8080");
        int[] weights = new int[SERVERS];
        Arrays.fill(weights, 1);
        this.balancer = maker.make(names, loads, weights);
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // Java has no arrays of generic types.
    private static ArrayDeque<Long>[] queues() {
        ArrayDeque<Long>[] queues = new ArrayDeque[SERVERS];
        Arrays.setAll(queues, _ -> new ArrayDeque<Long>());
        return queues;
    }

    static Result run(String name, Maker maker) {
        return new Simulation(name, maker).run();
    }

    private Result run() {
        double gapNanos = WORK_NANOS / (WORKERS * (SERVERS - 1) * RATE);
        double now = 1e9;
        for (int i = 0; i < WARM_UP + EXCHANGES; i++) {
            now += exponential(gapNanos);
            endUntil((long) now);
            int client = (int) (CLIENTS * random.nextDouble() * random.nextDouble());
            int chosen = balancer.choose(Hash.mix(client + 1L), (long) now);
            slowPicks += i >= WARM_UP && chosen == SLOW ? 1 : 0;
            loads[chosen].begin();
            arrive(chosen, (long) now);
        }
        endUntil(Long.MAX_VALUE);
        Arrays.sort(millis);
        return new Result(name, millis[EXCHANGES / 2], millis[EXCHANGES / 100 * 99], (double) slowPicks / EXCHANGES);
    }

    private void arrive(int server, long now) {
        if (working[server] == WORKERS) {
            waiting[server].add(now);
        } else {
            work(server, now, now);
        }
    }

    private void work(int server, long now, long begun) {
        working[server]++;
        double mean = server == SLOW ? WORK_NANOS * SLOWNESS : WORK_NANOS;
        endings.add(new Event(now + (long) exponential(mean), server, begun));
    }

    private void endUntil(long until) {
        while (!endings.isEmpty() && endings.peek().atNanos <= until) {
            Event event = endings.remove();
            long took = event.atNanos - event.begunNanos;
            loads[event.server].end();
            loads[event.server].succeeded(took, event.atNanos);
            working[event.server]--;
            Long next = waiting[event.server].poll();
            if (next != null) {
                work(event.server, event.atNanos, next);
            }
            if (++ended > WARM_UP) {
                millis[ended - WARM_UP - 1] = took / 1e6;
            }
        }
    }

    private double exponential(double mean) {
        return -mean * Math.log(1 - random.nextDouble());
    }
}
