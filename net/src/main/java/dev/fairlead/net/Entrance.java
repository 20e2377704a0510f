package dev.fairlead.net;

import dev.fairlead.config.ClientsSpec;
import dev.fairlead.config.ProxyProtocolInSpec;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.proxyprotocol.ProxyHeader;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a listener asks of a connection before anybody else sees it: from whom it comes, and its PROXY protocol
/// header. Any thread.
final class Entrance {
    private static final Logger LOG = LoggerFactory.getLogger(Entrance.class);

    /// A flood must not flood the log too.
    private static final long LOG_NANOS = 10_000_000_000L;

    // immutable
    private final String listener;
    private final Map<Refusal, Counter> refusals = new EnumMap<>(Refusal.class);
    private final Map<HeaderOutcome, Counter> headers = new EnumMap<>(HeaderOutcome.class);
    private final Counter uncounted;

    // written by the control thread, read by any
    private volatile @Nullable Proxies proxies;
    private volatile @Nullable ClientGate gate;

    // any thread
    private final AtomicLong logNanos = new AtomicLong(System.nanoTime() - LOG_NANOS);
    private final AtomicLong unlogged = new AtomicLong();

    /// Those who speak for their clients.
    private record Proxies(CidrSet addresses, ProxyProtocolInSpec spec) {}

    Entrance(String listener, Metrics metrics) {
        this.listener = listener;
        for (Refusal refusal : Refusal.values()) {
            refusals.put(refusal, metrics.counter(Metric.LISTENER_REFUSALS, listener, refusal.word()));
        }
        for (HeaderOutcome outcome : HeaderOutcome.values()) {
            headers.put(outcome, metrics.counter(Metric.LISTENER_PROXY_HEADERS, listener, outcome.word()));
        }
        this.uncounted = metrics.counter(Metric.LISTENER_CLIENTS_UNCOUNTED, listener);
    }

    /// Control thread.
    void update(@Nullable ProxyProtocolInSpec proxied, @Nullable ClientsSpec clients) {
        proxies = proxied == null ? null : new Proxies(CidrSet.of(proxied.from()), proxied);
        gate = clients == null ? null : new ClientGate(clients, gate);
    }

    /// Whether no proxy speaks for its clients here: then a connection that comes in needs no reading.
    boolean isPlain() {
        return proxies == null;
    }

    /// Whether what one client has open is held against its next connection.
    boolean countsClients() {
        ClientGate asked = gate;
        return asked != null && asked.counts();
    }

    /// A connection without a channel that was just accepted. Null: it may come in, or at least say who it is.
    /// The visit is over when it leaves.
    @Nullable
    Refusal onAccepted(InetSocketAddress client, ClientGate.Visit visit) {
        Proxies asked = proxies;
        if (asked != null && asked.addresses.contains(client.getAddress())) {
            return null;
        }
        if (asked != null && asked.spec.others() == ProxyProtocolInSpec.Others.REFUSE) {
            return Refusal.NO_PROXY;
        }
        ClientGate guard = gate;
        return guard == null ? null : admit(guard, client, visit);
    }

    /// A connection that was just accepted. Null: it may come in, or at least say who it is.
    @Nullable
    Refusal onAccepted(SocketChannel channel) {
        Proxies asked = proxies;
        if (asked != null) {
            InetSocketAddress peer = channel.remoteAddress();
            if (peer != null && asked.addresses.contains(peer.getAddress())) {
                return null;
            }
            if (asked.spec.others() == ProxyProtocolInSpec.Others.REFUSE) {
                return Refusal.NO_PROXY;
            }
        }
        return gate == null ? null : admit(channel, channel.remoteAddress());
    }

    /// What the connection has to begin with, or null: with nothing.
    @Nullable
    ProxyProtocolInSpec headerOf(SocketChannel channel) {
        Proxies asked = proxies;
        InetSocketAddress peer = asked == null ? null : channel.remoteAddress();
        return asked != null && peer != null && asked.addresses.contains(peer.getAddress()) ? asked.spec : null;
    }

    /// Its header has come.
    @Nullable
    Refusal onHeader(SocketChannel channel, ProxyHeader header) {
        // A proxy that only looks whether we work is no client.
        return header.local() ? null : admit(channel, ProxyHeader.client(channel));
    }

    private @Nullable Refusal admit(SocketChannel channel, @Nullable InetSocketAddress client) {
        ClientGate asked = gate;
        // Null: it has left again, and nobody knows who it was.
        if (asked == null || client == null) {
            return null;
        }
        var visit = new ClientGate.Visit();
        Refusal refusal = admit(asked, client, visit);
        if (refusal == null) {
            channel.closeFuture().addListener(_ -> visit.end());
        }
        return refusal;
    }

    private @Nullable Refusal admit(ClientGate asked, InetSocketAddress client, ClientGate.Visit visit) {
        Refusal refusal = asked.ask(client.getAddress(), visit, System.nanoTime());
        if (refusal == null && visit.isUncounted()) {
            uncounted.increment();
        }
        return refusal;
    }

    /// Counts it, and now and then says so.
    void onRefused(Refusal refusal, @Nullable InetSocketAddress client) {
        Objects.requireNonNull(refusals.get(refusal)).increment();
        unlogged.incrementAndGet();
        long now = System.nanoTime();
        long last = logNanos.get();
        if (now - last >= LOG_NANOS && logNanos.compareAndSet(last, now)) {
            LOG.atWarn()
                    .addKeyValue("listener", listener)
                    .addKeyValue("client", client)
                    .addKeyValue("reason", refusal.word())
                    .addKeyValue("refused", unlogged.getAndSet(0))
                    .log("connections are refused");
        }
    }

    void onHeaderOutcome(HeaderOutcome outcome) {
        Objects.requireNonNull(headers.get(outcome)).increment();
    }
}
