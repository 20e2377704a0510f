package dev.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.AccessLogSpec;
import dev.fairlead.config.Address;
import dev.fairlead.config.AddressRange;
import dev.fairlead.config.BalancerSpec;
import dev.fairlead.config.BreakerSpec;
import dev.fairlead.config.CacheSpec;
import dev.fairlead.config.CacheStoreSpec;
import dev.fairlead.config.ClientsSpec;
import dev.fairlead.config.CompressSpec;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.HeaderRulesSpec;
import dev.fairlead.config.HeadersSpec;
import dev.fairlead.config.Http2Spec;
import dev.fairlead.config.Http3Spec;
import dev.fairlead.config.HttpLimits;
import dev.fairlead.config.HttpListenerSpec;
import dev.fairlead.config.HttpTimeouts;
import dev.fairlead.config.NamedAddress;
import dev.fairlead.config.PoolSpec;
import dev.fairlead.config.QueueSpec;
import dev.fairlead.config.RetrySpec;
import dev.fairlead.config.RouteSpec;
import dev.fairlead.config.StickySpec;
import dev.fairlead.config.TlsSpec;
import dev.fairlead.config.UpstreamHttp2Spec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.config.UpstreamTimeouts;
import dev.fairlead.config.UpstreamTlsSpec;
import dev.fairlead.http.cache.Cache;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.AccessLog;
import dev.fairlead.net.Loops;
import dev.fairlead.net.tls.Issuer;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Origin;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.Upstreams;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A listener on loopback with one upstream, for a test. After each test it is closed, and everything that was
/// taken of endpoints must have been given back.
final class RunningPlane implements BeforeEachCallback, AfterEachCallback {
    private static final String LISTENER = "web";

    final Metrics metrics = new Metrics();
    final Upstreams upstreams = new Upstreams(metrics);
    private final List<AutoCloseable> toClose = new ArrayList<>();
    private Loops loops;
    Issuer issuer;
    private Forwarders forwarders;
    private AccessLog log;
    private Path logFile;
    private HttpPlane plane;

    HttpLimits limits = new HttpLimits(8 << 10, 32 << 10, 128, 0);
    HttpTimeouts timeouts = new HttpTimeouts(Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(10));
    UpstreamTimeouts upstreamTimeouts =
            new UpstreamTimeouts(Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(10));
    List<String> upgrades = List.of("websocket");
    int maxConnections = 10_000;
    int attempts = 3;
    HeadersSpec headers = HeadersSpec.DEFAULT;
    List<AddressRange> addresses = List.of(AddressRange.of(new Address(InetAddress.getLoopbackAddress(), 0)));
    TlsSpec tls;
    Http3Spec http3;
    ClientsSpec clients;
    CacheSpec cache;
    CompressSpec compress;
    UpstreamTlsSpec upstreamTls;
    UpstreamHttp2Spec upstreamHttp2;
    Http2Spec http2 = Http2Spec.DEFAULT;
    BreakerSpec breaker;
    StickySpec sticky;
    QueueSpec queue = QueueSpec.OFF;
    RetrySpec retry = RetrySpec.DEFAULT;
    PoolSpec pool = new PoolSpec(64, Duration.ofMinutes(1));
    BalancerSpec balancer = BalancerSpec.ROUND_ROBIN;

    /// Asks no more once a single outcome was a failure.
    static final BreakerSpec NO_FAULT_BORNE = new BreakerSpec(1, 1, Duration.ofMinutes(1), Duration.ofMinutes(1), 1);

    private final int loopCount;

    /// With one loop: which connections are pooled is then certain.
    RunningPlane() {
        this(1);
    }

    RunningPlane(int loops) {
        this.loopCount = loops;
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        loops = new Loops(loopCount);
        issuer = new Issuer(loops, metrics);
        forwarders = new Forwarders(loops);
        logFile = Files.createTempFile("access", ".log");
        log = AccessLog.open(new AccessLogSpec(logFile.toString(), AccessLogSpec.Format.JSON), metrics);
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        try {
            if (plane != null) {
                plane.close();
                forwarders.closeIdle();
                until("the plane is empty", () -> plane.open() == 0);
                for (Endpoint endpoint : endpoints()) {
                    until(endpoint + " is let go", () -> isLetGo(endpoint));
                }
            }
        } finally {
            for (AutoCloseable closeable : toClose) {
                closeable.close();
            }
            log.close();
            loops.close();
            Files.delete(logFile);
        }
    }

    /// What has become idle since is closed, too.
    private boolean isLetGo(Endpoint endpoint) {
        if (endpoint.active() == 0 && endpoint.connections() > 0) {
            forwarders.closeIdle();
        }
        return endpoint.active() == 0 && endpoint.connections() == 0;
    }

    void start(Backend... backends) throws IOException {
        List<EndpointSpec> endpoints = new ArrayList<>();
        for (Backend backend : backends) {
            toClose.add(backend);
            endpoints.add(new EndpointSpec(backend.address(), 1, 0));
        }
        start(endpoints, List.of());
    }

    /// One more upstream, for routes to name.
    Backend upstream(String name, Backend backend) {
        toClose.add(backend);
        put(spec(name, List.of(new EndpointSpec(backend.address(), 1, 0))));
        return backend;
    }

    void start(List<EndpointSpec> endpoints, List<RouteSpec> routes) throws IOException {
        put(spec("app", endpoints));
        listen(routes);
    }

    private void put(UpstreamSpec spec) {
        forwarders.prepare(spec);
        upstreams.put(spec);
    }

    /// Lets the upstream follow what was changed here.
    void update(List<EndpointSpec> endpoints) {
        put(spec("app", endpoints));
    }

    /// The endpoint was found by this name.
    void startNamed(String name, Backend backend) throws IOException {
        toClose.add(backend);
        putNamed(name, backend);
        listen(List.of());
    }

    /// By another name now.
    void putNamed(String name, Backend backend) {
        UpstreamSpec spec = spec("app", List.of(new EndpointSpec(backend.address(), 1, 0)));
        var named = new NamedAddress(name, backend.address().port());
        forwarders.prepare(spec);
        upstreams.put(spec, Map.of(backend.address(), Origin.named("dns " + named, named)));
    }

    /// With the upstreams that are there already.
    void startRoutes(RouteSpec... routes) throws IOException {
        listen(List.of(routes));
    }

    private void listen(List<RouteSpec> routes) throws IOException {
        plane = new HttpPlane(
                listener(routes),
                loops,
                forwarders,
                new Cache(new CacheStoreSpec(1 << 20, null), metrics),
                issuer,
                upstreams,
                metrics,
                log);
        plane.start();
    }

    /// Lets the listener follow what was changed here.
    void update(RouteSpec... routes) {
        plane.update(listener(List.of(routes)));
    }

    /// As a reload does: what is new is bound before anything else changes.
    void moveTo(List<AddressRange> wanted) throws IOException {
        addresses = wanted;
        plane.widen(listener(List.of()));
        update();
    }

    private HttpListenerSpec listener(List<RouteSpec> routes) {
        var unruled = new HeaderRulesSpec(Map.of(), Map.of(), List.of());
        return new HttpListenerSpec(
                LISTENER,
                addresses,
                routes.isEmpty() ? "app" : null,
                routes,
                maxConnections,
                limits,
                timeouts,
                upgrades,
                headers,
                null,
                clients,
                unruled,
                unruled,
                List.of(),
                tls,
                cache,
                compress,
                http2,
                http3);
    }

    private UpstreamSpec spec(String name, List<EndpointSpec> endpoints) {
        return new UpstreamSpec(
                        name,
                        endpoints,
                        balancer,
                        null,
                        upstreamTimeouts,
                        pool,
                        queue,
                        null,
                        attempts,
                        null,
                        0,
                        Duration.ZERO,
                        null,
                        breaker,
                        null,
                        sticky,
                        retry)
                .with(upstreamTls)
                .with(upstreamHttp2);
    }

    HttpPlane plane() {
        return plane;
    }

    Wire connect() throws IOException {
        return new Wire(socket(0));
    }

    Wire connect(int receiveBytes) throws IOException {
        return new Wire(socket(receiveBytes));
    }

    Socket socket(int receiveBytes) throws IOException {
        var socket = new Socket();
        if (receiveBytes > 0) {
            socket.setReceiveBufferSize(receiveBytes);
        }
        socket.connect(plane.boundAddress());
        return socket;
    }

    /// Sends on a new connection and reads one response.
    Wire.Message ask(String request) throws IOException {
        try (Wire wire = connect()) {
            return wire.send(request).response();
        }
    }

    Wire.Message get(String target) throws IOException {
        return ask("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
    }

    List<Endpoint> endpoints() {
        List<Endpoint> all = new ArrayList<>();
        for (Upstream upstream : upstreams.all()) {
            all.addAll(upstream.endpoints());
        }
        return all;
    }

    Endpoint endpoint() {
        return endpoints().getFirst();
    }

    long faults(String fault) {
        return metrics.counter(Metric.HTTP_FAULTS, LISTENER, fault.toLowerCase(Locale.ROOT))
                .value();
    }

    long exchanges() {
        long all = 0;
        for (String kind : List.of("none", "1xx", "2xx", "3xx", "4xx", "5xx")) {
            all += metrics.counter(Metric.HTTP_EXCHANGES, LISTENER, kind).value();
        }
        return all;
    }

    List<String> logged() throws IOException {
        return Files.readAllLines(logFile);
    }

    /// Waits for that many lines of the access log: it has a writer of its own.
    List<String> logged(int lines) throws IOException {
        until(lines + " lines are logged", () -> {
            try {
                return logged().size() >= lines;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return logged();
    }

    static void until(String what, BooleanSupplier holds) {
        long giveUpNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime() - giveUpNanos)
                    .as("time left until %s", what)
                    .isNegative();
            LockSupport.parkNanos(1_000_000);
        }
    }
}
