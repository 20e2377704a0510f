package dev.fairlead.net.resolve;

import dev.fairlead.config.EndpointAddress;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.NamedAddress;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One source of one upstream, asked again and again, with what it said last. Control thread.
final class Following {
    /// Each pause is up to this part longer, so that many lookups do not march in step. Never shorter: a cache on
    /// the way would answer with what is about to expire.
    static final double JITTER = 0.1;

    /// After a source that broke its promise to say when.
    private static final Duration BROKEN_AGAIN = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(Following.class);

    private final String upstream;
    private final Source source;
    private final Discovery discovery;
    private final Executor control;
    private final Later later;
    private final DoubleSupplier random;
    private final Runnable changed;
    private final Counter found;
    private final Counter failed;

    private volatile List<EndpointSpec> endpoints;
    private Map<EndpointAddress, NamedAddress> names = Map.of();
    private boolean isAnswered;
    private int turn;
    private @Nullable String failure;
    private Runnable callOff = () -> {};

    /// `known` is taken for what the source said last. `changed` runs after the first answer, and after each that
    /// changes the endpoints.
    Following(
            String upstream,
            Source source,
            List<EndpointSpec> known,
            Discovery discovery,
            Metrics metrics,
            Executor control,
            Later later,
            DoubleSupplier random,
            Runnable changed) {
        this.upstream = upstream;
        this.source = source;
        this.endpoints = known;
        this.discovery = discovery;
        this.control = control;
        this.later = later;
        this.random = random;
        this.changed = changed;
        this.found = metrics.counter(Metric.DISCOVERY_LOOKUPS, upstream, source.toString(), "found");
        this.failed = metrics.counter(Metric.DISCOVERY_LOOKUPS, upstream, source.toString(), "failed");
        metrics.gauge(Metric.DISCOVERY_ENDPOINTS, () -> endpoints.size(), upstream, source.toString());
    }

    /// What the source said last.
    List<EndpointSpec> endpoints() {
        return endpoints;
    }

    /// By which names it has found them, where it asks for names itself.
    Map<EndpointAddress, NamedAddress> names() {
        return names;
    }

    /// Whether the source has answered, with endpoints or with a failure.
    boolean isAnswered() {
        return isAnswered;
    }

    /// Asks now. A question that is still open, or waits for its time, no longer counts.
    void ask() {
        callOff.run();
        int asked = ++turn;
        discovery
                .ask()
                .whenComplete((answer, broken) -> control.execute(() -> {
                    if (asked == turn) {
                        onAnswer(
                                broken == null
                                        ? answer
                                        : new Discovery.Failed(AddressLookup.reason(broken), BROKEN_AGAIN));
                    }
                }));
    }

    void stop() {
        turn++;
        callOff.run();
        discovery.close();
    }

    private void onAnswer(Discovery.Answer answer) {
        boolean isNews = !isAnswered;
        isAnswered = true;
        switch (answer) {
            case Discovery.Found(var now, var _, var called) -> {
                found.increment();
                recovered();
                isNews |= !now.equals(endpoints) || !called.equals(names);
                names = called;
                if (!now.equals(endpoints)) {
                    endpoints = now;
                    LOG.atInfo()
                            .addKeyValue("upstream", upstream)
                            .addKeyValue("source", source)
                            .addKeyValue(
                                    "endpoints",
                                    now.stream()
                                            .map(each -> each.address().toString())
                                            .toList())
                            .log("endpoints discovered");
                }
            }
            case Discovery.Failed(String reason, var _) -> {
                failed.increment();
                failed(reason, "discovery failed: the endpoints known last stay");
            }
            case Discovery.Gone(String reason, var _) -> {
                failed.increment();
                isNews |= !endpoints.isEmpty();
                if (!endpoints.isEmpty()) {
                    failure = null;
                }
                failed(reason, "discovery: the endpoints are gone");
                endpoints = List.of();
            }
            case Discovery.Unchanged _ -> {}
        }
        Duration wait = Duration.ofNanos((long) (answer.again().toNanos() * (1 + JITTER * random.getAsDouble())));
        callOff = later.run(wait, this::ask);
        if (isNews) {
            changed.run();
        }
    }

    private void recovered() {
        if (failure != null) {
            failure = null;
            LOG.atInfo()
                    .addKeyValue("upstream", upstream)
                    .addKeyValue("source", source)
                    .log("discovery works again");
        }
    }

    /// Once for each reason, not for each try.
    private void failed(String reason, String what) {
        if (!reason.equals(failure)) {
            failure = reason;
            LOG.atWarn()
                    .addKeyValue("upstream", upstream)
                    .addKeyValue("source", source)
                    .addKeyValue("reason", reason)
                    .addKeyValue("endpoints", endpoints.size())
                    .log(what);
        }
    }
}
