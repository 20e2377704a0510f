package dev.fairlead.upstream;

import dev.fairlead.config.EndpointAddress;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.OutlierSpec;
import dev.fairlead.config.SubsetSpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.metrics.Subject;
import dev.fairlead.upstream.balance.Draws;
import dev.fairlead.upstream.balance.Hash;
import dev.fairlead.upstream.balance.Load;
import dev.fairlead.upstream.health.CircuitBreaker;
import dev.fairlead.upstream.health.Ejection;
import dev.fairlead.upstream.health.Health;
import dev.fairlead.upstream.health.OutlierDetector;
import dev.fairlead.upstream.health.OutlierDetector.Outlier;
import dev.fairlead.upstream.health.OutlierDetector.Seen;
import dev.fairlead.upstream.limit.ReplayRoom;
import dev.fairlead.upstream.limit.WaitingQueue;
import dev.fairlead.upstream.sticky.SigningKeys;
import dev.fairlead.upstream.sticky.Tokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// A named set of endpoints. Loops pick, the control thread changes what they pick from by publishing a new
/// snapshot.
public final class Upstream {
    // immutable
    private final String name;
    private final Metrics metrics;
    private final Counter noEndpoint;
    private final Draws draws;
    private final Stickiness stickiness;
    private final WaitingQueue queue;
    private final Retries retries;
    private final Hedging hedging;
    private final ReplayRoom replayRoom;

    // written by the control thread, read by any
    private volatile Snapshot snapshot;
    private volatile @Nullable CircuitBreaker breaker;

    // control thread
    private final List<Runnable> followers = new CopyOnWriteArrayList<>();
    private boolean hasTicked;
    private long intervalBeganNanos;

    Upstream(UpstreamSpec spec, Map<EndpointAddress, Origin> origins, Metrics metrics, long seed, SigningKeys keys) {
        this.name = spec.name();
        this.metrics = metrics;
        this.noEndpoint = metrics.counter(Metric.UPSTREAM_NO_ENDPOINT, name);
        this.draws = new Draws(Hash.with(seed, Hash.of(name)));
        this.breaker = CircuitBreaker.of(spec.breaker());
        this.queue = new WaitingQueue(name, spec.queue(), metrics);
        this.retries = new Retries(name, spec.retry(), metrics);
        this.hedging = new Hedging(name, spec.retry(), metrics);
        this.replayRoom = new ReplayRoom(name, spec.retry(), metrics);
        this.snapshot = Snapshot.of(spec, endpoints(spec, origins, List.of(), false), draws);
        this.stickiness = new Stickiness(name, metrics, keys);
        stickiness.update(spec.sticky(), snapshot.all());
        metrics.gauge(Metric.UPSTREAM_PANIC, () -> isPanicking() ? 1 : 0, name);
        metrics.gauge(Metric.UPSTREAM_SUBSETS_UNNAMED, () -> snapshot.unnamedSubsets(), name);
        metrics.gauge(Metric.UPSTREAM_BREAKER, () -> breakerState().number(), name);
    }

    public String name() {
        return name;
    }

    public UpstreamSpec spec() {
        return snapshot.spec();
    }

    public List<Endpoint> endpoints() {
        return snapshot.all();
    }

    /// Where whoever finds all endpoints full waits for one.
    public WaitingQueue queue() {
        return queue;
    }

    /// What is retried, and what the budget for it is.
    public Retries retries() {
        return retries;
    }

    /// After how long a second attempt is made beside the first.
    public Hedging hedging() {
        return hedging;
    }

    /// Takes the place of one retry in the budget, exact over all loops; false when it is spent. `isOver`: the
    /// attempt that failed is no longer counted on its endpoint. Given back with [Retries#end].
    public boolean tryRetry(boolean isOver) {
        return retries.tryBegin(active(isOver));
    }

    /// As [#tryRetry], for one who asks again when there is none, and so is not refused yet.
    public boolean tryRetryPlace(boolean isOver) {
        return retries.tryPlace(active(isOver));
    }

    private int active(boolean isOver) {
        int active = isOver ? 1 : 0;
        List<Endpoint> all = snapshot.all();
        for (int i = 0; i < all.size(); i++) {
            active += all.get(i).active();
        }
        return active;
    }

    /// Whether probes, traffic and operators leave an endpoint to use. Panic does not count.
    public boolean isUsable() {
        List<Endpoint> all = snapshot.all();
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).isUsable()) {
                return true;
            }
        }
        return false;
    }

    /// A counter of this upstream, with one label more. Control thread.
    public Counter counter(Metric metric, String label) {
        return metrics.counter(metric, name, label);
    }

    /// Where bodies are kept that may be sent again.
    public ReplayRoom replayRoom() {
        return replayRoom;
    }

    /// True while too few endpoints may be used (`panic-threshold`) and therefore all are.
    public boolean isPanicking() {
        return snapshot.isPanicking();
    }

    /// The breaker's state; closed when there is none.
    public CircuitBreaker.State breakerState() {
        CircuitBreaker guard = breaker;
        return guard == null ? CircuitBreaker.State.CLOSED : guard.state();
    }

    /// The endpoint for the next attempt of `choice`, or null when none is left or the breaker is open. Any thread;
    /// allocates nothing. What comes of the attempt has to be told to the endpoint: [Endpoint#connectFailed],
    /// [Endpoint#answered] or [Endpoint#broke].
    public @Nullable Endpoint pick(Choice choice, long nowNanos) {
        CircuitBreaker guard = breaker;
        if (guard != null && !guard.tryPass(nowNanos)) {
            noEndpoint.increment();
            return null;
        }
        Endpoint chosen = choose(choice, nowNanos);
        if (chosen == null) {
            if (!choice.hasFoundFull()) {
                noEndpoint.increment();
            }
            if (guard != null) {
                guard.abandoned();
            }
        }
        return chosen;
    }

    /// Who has which part of the picks now, for whoever cannot ask for each. Panic, priorities, zones and slow start
    /// are in it; sticky clients, bounds and the breaker are not. Any thread.
    public List<Share> shares() {
        return snapshot.whole().shares();
    }

    /// Runs on the control thread whenever [#shares] may have changed, until [#unfollow].
    public void follow(Runnable changed) {
        followers.add(changed);
    }

    public void unfollow(Runnable changed) {
        followers.remove(changed);
    }

    /// Those of which [#pick] would take one now: one alone where neither turns nor chance decide. Knows nothing of
    /// sticky clients and of the breaker. Changes and counts nothing. Any thread.
    public List<Endpoint> candidates(Choice choice, long nowNanos) {
        return snapshot.subset(choice).candidates(choice, nowNanos);
    }

    private @Nullable Endpoint choose(Choice choice, long nowNanos) {
        Snapshot seen = snapshot;
        Subset subset = seen.subset(choice);
        if (seen.spec().sticky() == null) {
            choice.chosenFor(subset.why());
            return subset.pick(choice, nowNanos);
        }
        Endpoint known = stickiness.known(choice, nowNanos);
        if (known != null && !choice.hasTried(known) && mayKeep(known, seen.spec(), subset, nowNanos)) {
            stickiness.followed();
            choice.chosenFor(Why.STICKY);
            return known;
        }
        if (known != null) {
            stickiness.missed();
        }
        choice.chosenFor(subset.why());
        Endpoint chosen = subset.pick(choice, nowNanos);
        if (chosen != null) {
            stickiness.remember(choice, chosen, nowNanos);
        }
        return chosen;
    }

    /// A client that names another subset than before goes there.
    private static boolean mayKeep(Endpoint known, UpstreamSpec spec, Subset subset, long nowNanos) {
        SubsetSpec wanted = spec.subset();
        return subset.has(known, wanted == null ? null : wanted.label())
                && known.keepsClients(subset.isPanicking(), nowNanos);
    }

    /// The signed values by which clients name an endpoint of this upstream; null when it goes by none.
    public @Nullable Tokens<Endpoint> tokens() {
        return stickiness.tokens();
    }

    /// A client brought a value that names no endpoint: it is forged, or the endpoint is gone. Any thread.
    public void tokenRefused() {
        stickiness.missed();
    }

    /// Control thread: what signs from now on. Values under keys that are not among these are no longer valid.
    void signingKeys(SigningKeys keys) {
        stickiness.keys(keys);
        stickiness.update(spec().sticky(), snapshot.all());
    }

    /// Control thread. Endpoints whose address stays keep their health, counters, connections, and what an operator
    /// said of them; those that are new start slowly.
    void update(UpstreamSpec spec, Map<EndpointAddress, Origin> origins) {
        Snapshot before = snapshot;
        if (!Objects.equals(before.spec().breaker(), spec.breaker())) {
            breaker = CircuitBreaker.of(spec.breaker());
        }
        queue.update(spec.queue());
        retries.update(spec.retry());
        hedging.update(spec.retry());
        replayRoom.update(spec.retry());
        List<Endpoint> all = endpoints(spec, origins, before.all(), true);
        if (spec.outliers() == null) {
            all.forEach(Endpoint::pardon);
        }
        snapshot = Snapshot.of(spec, all, draws);
        stickiness.update(spec.sticky(), all);
        Set<Endpoint> staying = Set.copyOf(all);
        for (Endpoint endpoint : before.all()) {
            if (!staying.contains(endpoint)) {
                endpoint.leave();
                metrics.removeEndpoint(name, endpoint.name());
            }
        }
        queue.freed();
        followers.forEach(Runnable::run);
    }

    /// Control thread: what the probes found.
    public void health(Endpoint endpoint, Health health) {
        endpoint.health(health);
        publish();
    }

    /// Control thread: what an operator says. It outlasts reloads, as long as the endpoint is in the config.
    public void manual(Endpoint endpoint, Manual manual) {
        endpoint.manual(manual);
        publish();
    }

    /// Control thread: the operator's weight instead of the config's; [Endpoint#NO_WEIGHT] gives it back.
    public void weight(Endpoint endpoint, int weight) {
        endpoint.manualWeight(weight);
        publish();
    }

    /// Control thread, about once a second: ejects outliers, lets ejected endpoints return, raises those that start
    /// slowly.
    public void tick(long nowNanos) {
        Snapshot seen = snapshot;
        stickiness.tick(nowNanos);
        hedging.tick(seen.all(), nowNanos);
        boolean changed = false;
        for (Endpoint endpoint : seen.all()) {
            changed |= endpoint.tick(nowNanos);
        }
        OutlierSpec outliers = seen.spec().outliers();
        if (outliers != null) {
            changed |= eject(outliers, seen.all(), nowNanos);
        }
        if (changed) {
            publish();
        }
    }

    private boolean eject(OutlierSpec spec, List<Endpoint> all, long nowNanos) {
        if (!hasTicked) {
            hasTicked = true;
            intervalBeganNanos = nowNanos;
        }
        boolean isInterval = nowNanos - intervalBeganNanos >= spec.interval().toNanos();
        if (isInterval) {
            intervalBeganNanos = nowNanos;
        }
        List<Endpoint> judged =
                all.stream().filter(endpoint -> !endpoint.isEjected()).toList();
        List<Seen> seen = judged.stream()
                .map(Endpoint::outcomes)
                .map(each -> isInterval ? each.interval() : each.rows())
                .toList();
        int room = Ejection.most(all.size(), spec.ejectedMax()) - (all.size() - judged.size());
        boolean changed = false;
        for (Outlier outlier : new OutlierDetector(terms(spec)).judge(seen)) {
            if (room <= 0) {
                break;
            }
            judged.get(outlier.endpoint())
                    .eject(
                            outlier.cause(),
                            nowNanos,
                            spec.ejectionTime().toNanos(),
                            spec.ejectionTimeMax().toNanos());
            room--;
            changed = true;
        }
        return changed;
    }

    private static OutlierDetector.Terms terms(OutlierSpec spec) {
        return new OutlierDetector.Terms(
                spec.connectFailures(),
                spec.faults(),
                spec.endpointsMin(),
                spec.requestsMin(),
                spec.successRateFactor(),
                spec.latencyFactor());
    }

    private void publish() {
        Snapshot before = snapshot;
        snapshot = Snapshot.of(before.spec(), before.all(), draws);
        // There may be room where there was none.
        queue.freed();
        followers.forEach(Runnable::run);
    }

    private List<Endpoint> endpoints(
            UpstreamSpec spec, Map<EndpointAddress, Origin> origins, List<Endpoint> before, boolean joining) {
        boolean learnsAnew = joining
                && !Objects.equals(spec.adaptiveConcurrency(), snapshot.spec().adaptiveConcurrency());
        Map<EndpointAddress, Endpoint> known = HashMap.newHashMap(before.size());
        before.forEach(endpoint -> known.putIfAbsent(endpoint.spec().address(), endpoint));
        List<Endpoint> all = new ArrayList<>(spec.endpoints().size());
        Iterator<Load> loads = loads(spec, known);
        Subject series = metrics.upstream(name);
        for (EndpointSpec wanted : spec.endpoints()) {
            Endpoint endpoint = known.get(wanted.address());
            boolean isNew = endpoint == null;
            if (endpoint == null) {
                endpoint = new Endpoint(name, wanted, loads.next(), queue, series);
                endpoint.series().standing(new EndpointStanding(endpoint));
            }
            Origin origin = origins.get(wanted.address());
            endpoint.update(wanted, origin == null ? Origin.inConfig(wanted.address()) : origin);
            endpoint.terms(
                    breaker,
                    spec.adaptiveConcurrency(),
                    learnsAnew,
                    spec.slowStart().toNanos());
            if (isNew && joining) {
                endpoint.beginSlowly();
            }
            all.add(endpoint);
        }
        return all;
    }

    /// For those that are new.
    private static Iterator<Load> loads(UpstreamSpec spec, Map<EndpointAddress, Endpoint> known) {
        int count = spec.endpoints().size();
        for (EndpointSpec wanted : known.isEmpty() ? List.<EndpointSpec>of() : spec.endpoints()) {
            count -= known.containsKey(wanted.address()) ? 1 : 0;
        }
        return Arrays.asList(Load.sideBySide(count)).iterator();
    }
}
