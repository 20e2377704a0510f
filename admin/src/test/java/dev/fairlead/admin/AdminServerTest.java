package dev.fairlead.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.admin.Operations.Reloaded;
import dev.fairlead.config.Address;
import dev.fairlead.config.AddressRange;
import dev.fairlead.config.AdminSpec;
import dev.fairlead.config.Config;
import dev.fairlead.config.ConfigFile;
import dev.fairlead.config.ListenerSpec;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.metrics.PrometheusPage;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Manual;
import dev.fairlead.upstream.Plane;
import dev.fairlead.upstream.Upstreams;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdminServerTest {
    private static final Config CONFIG =
            ConfigFile.read("""
            listeners: { web: { protocol: http, address: ["127.0.0.1:8080", "127.0.0.1:8090-8099"], upstream: app } }
            upstreams: { app: { endpoints: ["127.0.0.1:1", { address: "127.0.0.1:2", weight: 3 }] } }
            """, "test.yaml", Map.of()).config();

    private final Fake operations = new Fake();
    private AdminServer server;

    @BeforeEach
    void start() throws IOException {
        operations.upstreams.put(CONFIG.upstreams().get("app"));
        AdminSpec spec = CONFIG.admin();
        server = new AdminServer(
                new AdminSpec(
                        new Address(InetAddress.getLoopbackAddress(), 0),
                        spec.requestTimeout(),
                        spec.responseTimeout()),
                operations);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void saysThatItLives() throws IOException {
        operations.notReady = "draining";

        assertThat(client().get("/healthz")).isEqualTo(new AdminClient.Reply(200, "ok\n"));
    }

    @Test
    void tellsAnEndpointWhatTheOperatorSays() throws IOException {
        Endpoint endpoint = operations.upstreams.get("app").endpoints().getFirst();
        assertThat(tree(client().post("/upstreams/app/127.0.0.1:1/drain")))
                .containsEntry("manual", "drain")
                .containsEntry("state", "drained");
        assertThat(endpoint.manual()).isEqualTo(Manual.DRAIN);
        client().post("/upstreams/app/127.0.0.1:1/down");
        assertThat(endpoint.manual()).isEqualTo(Manual.DOWN);
        client().post("/upstreams/app/127.0.0.1%3A1/up");
        assertThat(endpoint.manual()).isEqualTo(Manual.UP);
        client().post("/upstreams/app/127.0.0.1:1/auto");
        assertThat(endpoint.manual()).isEqualTo(Manual.AUTO);
        client().post("/upstreams/app/127.0.0.1:1/weight?value=7");
        assertThat(endpoint.weight()).isEqualTo(7);
        client().post("/upstreams/app/127.0.0.1:1/weight?value=auto");
        assertThat(endpoint.weight()).isEqualTo(1);
    }

    @SuppressWarnings("unchecked") // The tree of a JSON text has string keys.
    private static Map<String, Object> tree(AdminClient.Reply reply) {
        return (Map<String, Object>) reply.tree();
    }

    @Test
    void namesTheEndpointsThatExist() throws IOException {
        AdminClient.Reply reply = client().post("/upstreams/app/127.0.0.1:9/drain");
        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.body()).contains("127.0.0.1:9", "127.0.0.1:1, 127.0.0.1:2");
        reply = client().post("/upstreams/ap/127.0.0.1:1/drain");
        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.body()).contains("no upstream ap", "[app]");
        assertThat(client().post("/upstreams/app/127.0.0.1:1/explode").status()).isEqualTo(400);
        for (String value : new String[] {"", "?value=", "?value=1001", "?value=-1", "?value=x"}) {
            assertThat(client().post("/upstreams/app/127.0.0.1:1/weight" + value)
                            .status())
                    .as(value)
                    .isEqualTo(400);
        }
        assertThat(client().get("/upstreams/app/127.0.0.1:1/drain").status()).isEqualTo(405);
    }

    @Test
    void explainsARequest() throws IOException {
        var question = new RequestQuestion("GET", "http://a/?b=1&c", List.of("X-A: 1&2", "X-B: ="), "127.0.0.1", null);

        assertThat(tree(client().explain(question)))
                .containsEntry("url", "http://a/?b=1&c")
                .containsEntry("headers", List.of("X-A: 1&2", "X-B: ="));
    }

    @Test
    void saysWhyItCannotExplain() throws IOException {
        var unknown = new RequestQuestion("GET", "?", List.of(), "127.0.0.1", "web");
        assertThat(client().explain(unknown).status()).isEqualTo(422);
        var large = new RequestQuestion("GET", "/" + "x".repeat(1 << 16), List.of(), "127.0.0.1", null);
        assertThat(client().explain(large).status()).isEqualTo(400);
        assertThat(client().post("/explain").status()).isEqualTo(400);
        assertThat(client().get("/explain").status()).isEqualTo(405);
    }

    @Test
    void purgesWhatIsKept() throws IOException {
        assertThat(tree(client().get("/cache"))).containsEntry("keys", 7L);
        var order = new PurgeOrder(PurgeOrder.By.URL, "http://a/?b=1&c=ü", true);
        assertThat(tree(client().purge(order))).containsEntry("purged", 3L);
        assertThat(operations.purged).isEqualTo(order);
        client().purge(new PurgeOrder(PurgeOrder.By.ALL, "true", false));
        assertThat(operations.purged).isEqualTo(new PurgeOrder(PurgeOrder.By.ALL, "true", false));
        assertThat(client().purge(new PurgeOrder(PurgeOrder.By.PREFIX, "?", false))
                        .status())
                .isEqualTo(422);
        assertThat(client().purge(new PurgeOrder(PurgeOrder.By.TAG, "", false)).status())
                .isEqualTo(400);
        assertThat(client().post("/cache/purge").status()).isEqualTo(400);
        assertThat(client().get("/cache/purge").status()).isEqualTo(405);
    }

    @Test
    void saysWhyItIsNotReady() throws IOException {
        assertThat(client().get("/readyz").status()).isEqualTo(200);

        operations.notReady = "draining";

        assertThat(client().get("/readyz")).isEqualTo(new AdminClient.Reply(503, "draining\n"));
    }

    @Test
    void givesTheMetrics() throws IOException {
        operations.metrics.counter(Metric.CONFIG_RELOADS, "done").add(3);

        assertThat(client().metrics()).containsEntry("fairlead_config_reloads_total{result=\"done\"}", 3.0);
    }

    @Test
    void givesTheRunningConfig() throws IOException {
        String json = client().get("/config").body();

        assertThat(ConfigFile.read(json, "answer", Map.of()).config()).isEqualTo(CONFIG);
    }

    @Test
    void listsListenersWithTheAddressTheyAreBoundTo() throws IOException {
        assertThat(client().listeners())
                .containsExactly(Map.of(
                        "name",
                        "web",
                        "protocol",
                        "http",
                        "carrier",
                        "socket",
                        "address",
                        "127.0.0.1:4711-4713",
                        "addresses",
                        List.of("127.0.0.1:4711-4713"),
                        "connections",
                        5L,
                        "tunnels",
                        0L,
                        "state",
                        "-",
                        "max-connections",
                        10000L));
    }

    @Test
    void listsEndpointsWithWhatIsOnThem() throws IOException {
        var endpoint = operations.upstreams.get("app").endpoints().get(1);
        endpoint.begin();
        endpoint.answered(1_000_000, false, 0);

        List<Map<String, Object>> endpoints =
                AdminClient.objects(client().upstreams().getFirst().get("endpoints"));

        assertThat(endpoints.get(1))
                .containsEntry("address", "127.0.0.1:2")
                .containsEntry("weight", 3L)
                .containsEntry("health", "unknown")
                .containsEntry("active", 1L)
                .containsEntry("picks", 1L)
                .containsEntry("latency-p50-ms", 1.049);
    }

    @Test
    void answersWithTheChangesOfAReload() throws IOException {
        operations.reloaded = new Reloaded.Done(List.of("upstream app changed"), List.of("loops changed"), List.of());

        var reply = client().post("/config/reload");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.tree())
                .isEqualTo(Map.of(
                        "changes", List.of("upstream app changed"),
                        "needs-restart", List.of("loops changed"),
                        "problems", List.of()));
    }

    @Test
    void answersWithEveryProblemOfABadFile() throws IOException {
        operations.reloaded = new Reloaded.Invalid(ConfigFile.read("lissteners: 1\nlops: 2\n", "bad.yaml", Map.of())
                .problems());

        var reply = client().post("/config/reload");

        assertThat(reply.status()).isEqualTo(422);
        assertThat(reply.body()).contains("lissteners", "lops", "\"line\" : 2");
    }

    @Test
    void answersWithTheReasonOfAFailedReload() throws IOException {
        operations.reloaded = new Reloaded.Failed("cannot listen");

        var reply = client().post("/config/reload");

        assertThat(reply.status()).isEqualTo(409);
        assertThat(reply.body()).contains("cannot listen");
    }

    @Test
    void drainsWhenAskedByPost() throws IOException {
        assertThat(client().get("/drain").status()).isEqualTo(405);
        assertThat(operations.drained).isFalse();

        assertThat(client().post("/drain").status()).isEqualTo(202);
        assertThat(operations.drained).isTrue();
    }

    @Test
    void namesTheAllowedMethod() throws IOException {
        assertThat(raw("DELETE /config HTTP/1.1\r\nHost: localhost\r\n"))
                .startsWith("HTTP/1.1 405")
                .contains("Allow: GET, HEAD");
        assertThat(raw("GET /drain HTTP/1.1\r\nHost: localhost\r\n")).contains("Allow: POST");
    }

    @Test
    void answersAnUnknownPathInJson() throws IOException {
        var reply = client().get("/nonsense");

        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.tree())
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                .containsKey("error");
    }

    @Test
    void answersHeadWithoutABody() throws IOException {
        assertThat(raw("HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n"))
                .contains("Content-length: 3")
                .endsWith("\r\n\r\n");
    }

    @Test
    void sendsALongPageInPieces() throws IOException {
        for (int i = 0; i < 5_000; i++) {
            operations.metrics.counter(Metric.UPSTREAM_NO_ENDPOINT, "u" + i).increment();
        }
        String wanted = PrometheusPage.of(operations.metrics);

        assertThat(client().get("/metrics")).isEqualTo(new AdminClient.Reply(200, wanted));
        assertThat(raw("GET /metrics HTTP/1.1\r\nHost: localhost\r\n"))
                .contains("Transfer-encoding: chunked")
                .doesNotContain("Content-length");
        assertThat(raw("HEAD /metrics HTTP/1.1\r\nHost: localhost\r\n"))
                .startsWith("HTTP/1.1 200")
                .containsIgnoringCase("Content-Length: " + wanted.length())
                .endsWith("\r\n\r\n");
    }

    @Test
    void sendsAShortPageWithItsLength() throws IOException {
        assertThat(raw("GET /healthz HTTP/1.1\r\nHost: localhost\r\n")).containsIgnoringCase("Content-Length: 3\r\n");
    }

    @Test
    void answersOthersWhileNobodyTakesALongPage() throws IOException {
        for (int i = 0; i < 100_000; i++) {
            operations.metrics.counter(Metric.UPSTREAM_NO_ENDPOINT, "upstream-" + i);
        }
        List<Socket> lazy = new ArrayList<>();
        try {
            for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
                Socket socket = new Socket(
                        InetAddress.getLoopbackAddress(), server.boundAddress().getPort());
                lazy.add(socket);
                socket.getOutputStream()
                        .write("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(socket.getInputStream().read()).isEqualTo('H');
            }

            assertThat(client().get("/healthz").status()).isEqualTo(200);
        } finally {
            for (Socket socket : lazy) {
                socket.close();
            }
        }
    }

    @Test
    void cutsAPageThatFailsOnItsWay() throws IOException {
        for (int i = 0; i < 5_000; i++) {
            operations.metrics.counter(Metric.UPSTREAM_NO_ENDPOINT, "u" + i);
        }
        operations.metrics.gauge(Metric.PROCESS_START_SECONDS, () -> {
            throw new IllegalStateException("on purpose");
        });

        assertThat(raw("GET /metrics HTTP/1.1\r\nHost: localhost\r\n"))
                .startsWith("HTTP/1.1 200")
                .doesNotEndWith("\r\n0\r\n\r\n");
    }

    @Test
    void cutsAPageThatFailsOnItsWayWithAnError() throws IOException {
        for (int i = 0; i < 5_000; i++) {
            operations.metrics.counter(Metric.UPSTREAM_NO_ENDPOINT, "u" + i);
        }
        operations.metrics.gauge(Metric.PROCESS_START_SECONDS, () -> {
            throw new AssertionError("on purpose");
        });

        assertThat(raw("GET /metrics HTTP/1.1\r\nHost: localhost\r\n"))
                .startsWith("HTTP/1.1 200")
                .doesNotEndWith("\r\n0\r\n\r\n");
        assertThat(raw("GET /metrics HTTP/1.0\r\nHost: localhost\r\n")).startsWith("HTTP/1.1 500");
    }

    @Test
    void givesALongPageItsLengthWhereThereAreNoPieces() throws IOException {
        for (int i = 0; i < 5_000; i++) {
            operations.metrics.counter(Metric.UPSTREAM_NO_ENDPOINT, "u" + i);
        }
        String wanted = PrometheusPage.of(operations.metrics);

        assertThat(raw("GET /metrics HTTP/1.0\r\nHost: localhost\r\n"))
                .containsIgnoringCase("Content-Length: " + wanted.length() + "\r\n")
                .endsWith("\r\n\r\n" + wanted);
    }

    @Test
    void saysWhenAPageFailsBeforeItsWay() throws IOException {
        operations.metrics.gauge(Metric.PROCESS_START_SECONDS, () -> {
            throw new IllegalStateException("on purpose");
        });

        assertThat(client().get("/metrics").status()).isEqualTo(500);
    }

    @Test
    void refusesAPageThatHasReboundItsName() throws IOException {
        assertThat(raw("GET /config HTTP/1.1\r\nHost: evil.example\r\n")).startsWith("HTTP/1.1 403");
    }

    @Test
    void refusesAPageOfAnotherOrigin() throws IOException {
        assertThat(raw("POST /drain HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n"))
                .startsWith("HTTP/1.1 403");
        assertThat(operations.drained).isFalse();
    }

    private AdminClient client() {
        return new AdminClient("127.0.0.1:" + server.boundAddress().getPort());
    }

    private String raw(String head) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(server.boundAddress());
            socket.getOutputStream().write((head + "Connection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    private static final class Fake implements Operations {
        private final Metrics metrics = new Metrics();
        private final Upstreams upstreams = new Upstreams(metrics);
        private volatile String notReady;
        private volatile Reloaded reloaded;
        private volatile boolean drained;
        private volatile PurgeOrder purged;

        @Override
        public Config config() {
            return CONFIG;
        }

        @Override
        public Upstreams upstreams() {
            return upstreams;
        }

        @Override
        public Collection<Plane> planes() {
            return List.of(new FakePlane(CONFIG.listeners().get("web")));
        }

        @Override
        public Metrics metrics() {
            return metrics;
        }

        @Override
        public String notReady() {
            return notReady;
        }

        @Override
        public Reloaded reload() {
            return reloaded;
        }

        @Override
        public EndpointOrder.Told tell(EndpointOrder order) {
            return order.follow(upstreams);
        }

        @Override
        public ListenerOrder.Told tell(ListenerOrder order) {
            return order.listener().equals("web")
                    ? new ListenerOrder.Told.Done(order.wish() == ListenerOrder.Wish.DRAIN ? "draining" : "accepting")
                    : new ListenerOrder.Told.Unknown("no listener " + order.listener() + "; there are [web]");
        }

        @Override
        public Map<String, Object> cache() {
            return Map.of("keys", 7L);
        }

        @Override
        public PurgeOrder.Told purge(PurgeOrder order) {
            purged = order;
            return order.value().equals("?") ? new PurgeOrder.Told.Refused("no URL") : new PurgeOrder.Told.Done(3);
        }

        @Override
        public Explained explain(RequestQuestion question) {
            return question.url().equals("?")
                    ? new Explained.Unknown("no URL")
                    : new Explained.Done(Map.of("url", question.url(), "headers", question.headers()));
        }

        @Override
        public Collection<Departed> departed() {
            return List.of();
        }

        @Override
        public Long drainDeadlineNanos(Endpoint endpoint) {
            return null;
        }

        @Override
        public void drain() {
            drained = true;
        }
    }

    private record FakePlane(ListenerSpec spec) implements Plane {
        @Override
        public void start() {}

        @Override
        public List<AddressRange> boundAddresses() {
            return List.of(new AddressRange(InetAddress.getLoopbackAddress(), 4711, 4713));
        }

        @Override
        public void widen(ListenerSpec spec) {}

        @Override
        public void narrow(ListenerSpec spec) {}

        @Override
        public void update(ListenerSpec spec) {}

        @Override
        public void drain() {}

        @Override
        public int open() {
            return 5;
        }

        @Override
        public int close() {
            return 0;
        }
    }
}
