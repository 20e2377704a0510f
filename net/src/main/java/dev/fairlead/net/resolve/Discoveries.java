package dev.fairlead.net.resolve;

import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.ResolverSpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.Loops;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

/// The endpoints that upstreams have from outside the config: names, SRV records, files. Questions go out from a
/// loop and from virtual threads; what they bring is put together on the control thread, which also calls every
/// method here.
public final class Discoveries implements AutoCloseable {
    // immutable
    private final Origins origins;
    private final Metrics metrics;
    private final Executor control;
    private final Later later;
    private final DoubleSupplier random;
    private final Consumer<Resolved> publish;

    // control thread only
    private final Map<String, Discovered> byUpstream = new HashMap<>();
    private final List<CompletableFuture<Void>> waiting = new ArrayList<>();

    /// `publish` gets an upstream with all its endpoints whenever they change.
    public Discoveries(
            ResolverSpec resolver,
            Loops loops,
            Metrics metrics,
            ScheduledExecutorService control,
            Consumer<Resolved> publish) {
        this(
                new LiveOrigins(resolver, loops, metrics),
                metrics,
                task -> executeUnlessOver(control, task),
                (wait, task) -> {
                    ScheduledFuture<?> timer = control.schedule(task, wait.toNanos(), TimeUnit.NANOSECONDS);
                    return () -> timer.cancel(false);
                },
                () -> ThreadLocalRandom.current().nextDouble(),
                publish);
    }

    Discoveries(
            Origins origins,
            Metrics metrics,
            Executor control,
            Later later,
            DoubleSupplier random,
            Consumer<Resolved> publish) {
        this.origins = origins;
        this.metrics = metrics;
        this.control = control;
        this.later = later;
        this.random = random;
        this.publish = publish;
    }

    /// An answer may come when the control thread has ended.
    private static void executeUnlessOver(ScheduledExecutorService control, Runnable task) {
        if (!control.isShutdown()) {
            control.execute(task);
        }
    }

    /// Begins to look for the upstream's endpoints, or follows what has changed in its spec: sources that stay keep
    /// what they said. Returns the spec with the endpoints known now.
    public Resolved follow(UpstreamSpec spec) {
        String name = spec.name();
        Discovered discovered = byUpstream.computeIfAbsent(
                name,
                _ -> new Discovered(
                        spec,
                        (source, known) -> following(name, source, known),
                        source -> metrics.removeSource(name, source.toString())));
        discovered.follow(spec);
        discovered.publish();
        return discovered.resolved();
    }

    private Following following(String upstream, Source source, List<EndpointSpec> known) {
        Following following = new Following(
                upstream,
                source,
                known,
                origins.of(source),
                metrics,
                control,
                later,
                random,
                () -> onChanged(upstream));
        following.ask();
        return following;
    }

    private void onChanged(String upstream) {
        Discovered discovered = byUpstream.get(upstream);
        if (discovered != null) {
            discovered.reconcile();
            if (discovered.publish()) {
                publish.accept(discovered.resolved());
            }
        }
        tellWaiting();
    }

    /// Looks for nothing more for this upstream.
    public void forget(String upstream) {
        Discovered discovered = byUpstream.remove(upstream);
        if (discovered != null) {
            discovered.followings().forEach(each -> each.getValue().stop());
        }
        tellWaiting();
    }

    /// Follows new settings: everything is asked again now.
    public void follow(ResolverSpec resolver) {
        origins.follow(resolver);
        for (Discovered discovered : byUpstream.values()) {
            discovered.followings().forEach(each -> each.getValue().ask());
        }
    }

    /// Completes on the control thread once every source has answered, with endpoints or with a failure.
    public CompletionStage<Void> answered() {
        CompletableFuture<Void> all = new CompletableFuture<>();
        waiting.add(all);
        tellWaiting();
        return all;
    }

    private void tellWaiting() {
        if (!waiting.isEmpty() && byUpstream.values().stream().allMatch(Discovered::isAnswered)) {
            waiting.forEach(each -> each.complete(null));
            waiting.clear();
        }
    }

    @Override
    public void close() {
        List.copyOf(byUpstream.keySet()).forEach(this::forget);
        origins.close();
    }
}
