package dev.fairlead.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.BalancerSpec;
import dev.fairlead.config.CacheSpec;
import dev.fairlead.config.CertificateSpec;
import dev.fairlead.config.Cidr;
import dev.fairlead.config.ClientLimits;
import dev.fairlead.config.ClientsSpec;
import dev.fairlead.config.CompressSpec;
import dev.fairlead.config.Http3Spec;
import dev.fairlead.config.RetrySpec;
import dev.fairlead.config.StatusRange;
import dev.fairlead.config.TicketsSpec;
import dev.fairlead.config.TlsPolicy;
import dev.fairlead.config.TlsSpec;
import dev.fairlead.config.TlsSpec.HostAgreement;
import dev.fairlead.config.TlsSpec.UnknownName;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metric;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// What has nothing to do with the version of HTTP is the same over HTTP/3 as over HTTP/1.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class HttpPlaneVersionsTest {
    @TempDir
    Path folder;

    private Certified certified;

    @RegisterExtension
    final RunningPlane plane = new RunningPlane();

    @BeforeEach
    void speakBoth() throws Exception {
        certified = new Certified(folder);
        CertificateSpec certificate = certified.ec("first", "a.example");
        plane.tls = new TlsSpec(
                List.of(certificate),
                TlsPolicy.INTERMEDIATE,
                null,
                UnknownName.DEFAULT_CERTIFICATE,
                HostAgreement.NOTHING,
                Duration.ofSeconds(10),
                64 << 10,
                new TicketsSpec(true, Duration.ofHours(12), null));
        plane.http3 = new Http3Spec(100, 128 << 10, Duration.ZERO, 0, 256);
    }

    private H3Client connect() throws Exception {
        return new H3Client(plane.plane().boundAddress(), "a.example");
    }

    /// By HTTP/1.1, on a connection of its own.
    private Wire.Message ask(String path, String fields) throws Exception {
        try (var wire =
                new Wire(Certified.connect(certified.client(null), plane.plane().boundAddress(), "a.example"))) {
            return wire.send("GET " + path + " HTTP/1.1\r\nHost: a.example\r\n" + fields + "\r\n")
                    .response();
        }
    }

    private static void assertSame(H3Client.Stream answer, Wire.Message as, String... names) {
        assertThat(answer.status()).isEqualTo(as.status());
        byte[] body = as.body().getBytes(ISO_8859_1);
        assertThat(answer.size()).isEqualTo(body.length);
        assertThat(Arrays.mismatch(answer.bytes(), body))
                .as("where bodies differ")
                .isNegative();
        for (String name : names) {
            assertThat(answer.field(name)).as(name).isEqualTo(as.field(name));
        }
    }

    // ---- cache and compression ----

    @Test
    void answersFromOneCache() throws Exception {
        plane.cache = new CacheSpec(
                true,
                Duration.ZERO,
                Duration.ofDays(365),
                Duration.ofHours(1),
                Duration.ZERO,
                Duration.ZERO,
                1 << 20,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                false);
        var asked = new LinkedBlockingQueue<String>();
        plane.start(new Backend((wire, _) -> {
            while (true) {
                asked.add(wire.request().start().split(" ")[1]);
                wire.send("HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\nETag: \"1\"\r\nAge: 100\r\n"
                        + "Content-Length: 10\r\n\r\n0123456789");
            }
        }));

        try (H3Client client = connect()) {
            assertThat(client.get("/by3").answer().text()).isEqualTo("0123456789");
            assertThat(ask("/by1", "").body()).isEqualTo("0123456789");
            for (String path : List.of("/by3", "/by1")) {
                Wire.Message kept = ask(path, "");
                assertThat(kept.field("cache-status")).contains("hit");
                H3Client.Stream answer = client.get(path).answer();
                assertSame(answer, kept, "etag", "cache-control", "content-length", "content-type");
                assertThat(answer.field("cache-status")).contains("hit");
                assertThat(Integer.parseInt(answer.field("age"))).isBetween(100, 200);

                assertSame(
                        client.get(path, "if-none-match", "\"1\"").answer(),
                        ask(path, "If-None-Match: \"1\"\r\n"),
                        "etag",
                        "content-length");
                assertSame(
                        client.get(path, "range", "bytes=2-4").answer(),
                        ask(path, "Range: bytes=2-4\r\n"),
                        "content-range",
                        "content-length");
            }
        }
        assertThat(asked).containsExactly("/by3", "/by1");
    }

    @Test
    void compressesAlike() throws Exception {
        plane.compress =
                new CompressSpec(true, List.of(), 0, Long.MAX_VALUE, 1, 64 << 20, List.of(), 3, 1, false, 1 << 20, 200);
        String text = "what is said often ".repeat(20_000);
        plane.start(Backend.of("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nETag: \"1\"\r\nContent-Length: "
                + text.length() + "\r\n\r\n" + text));
        String[] names = {"content-encoding", "content-type", "vary", "etag", "content-length"};

        try (H3Client client = connect()) {
            H3Client.Stream answer = client.get("/", "accept-encoding", "gzip").answer();
            assertSame(answer, ask("/", "Accept-Encoding: gzip\r\n"), names);
            assertThat(answer.field("content-encoding")).isEqualTo("gzip");
            try (var plain = new GZIPInputStream(new ByteArrayInputStream(answer.bytes()))) {
                assertThat(new String(plain.readAllBytes(), ISO_8859_1).equals(text))
                        .isTrue();
            }

            H3Client.Stream untouched = client.get("/").answer();
            assertSame(untouched, ask("/", ""), names);
            assertThat(untouched.text().equals(text)).isTrue();
        }
    }

    // ---- endpoints ----

    @Test
    void triesAnotherEndpoint() throws Exception {
        plane.balancer = new BalancerSpec(BalancerSpec.Algorithm.FIRST, null, 0);
        plane.retry = new RetrySpec(
                List.of(new StatusRange(503, 503)),
                null,
                Duration.ofMillis(1),
                Duration.ofMillis(10),
                20,
                10,
                64 << 10,
                1 << 20);
        var asked = new AtomicInteger();
        plane.start(
                new Backend((wire, _) -> {
                    while (true) {
                        wire.request();
                        asked.incrementAndGet();
                        wire.send("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy");
                    }
                }),
                new Backend((wire, _) -> {
                    while (true) {
                        String body = wire.request().body();
                        wire.send("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
                    }
                }));

        try (H3Client client = connect()) {
            H3Client.Stream put = client.open().head("PUT", "/").data("one").data("two");
            assertThat(put.bareEnd().answer().status()).isEqualTo(200);
            assertThat(put.text()).isEqualTo("onetwo");
            assertThat(client.get("/").answer().status()).isEqualTo(200);

            H3Client.Stream post = client.open().head("POST", "/").data("once");
            assertThat(post.bareEnd().answer().status()).isEqualTo(503);
            assertThat(post.text()).isEqualTo("busy");
        }
        assertThat(asked).hasValue(3);
        assertThat(plane.metrics
                        .counter(Metric.UPSTREAM_RETRIES, "app", "status")
                        .value())
                .isEqualTo(2);
    }

    // ---- who may come ----

    /// One connection at once, of both kinds together. Whom QUIC gets no answer it asks again.
    @Test
    void boundsTheConnectionsOfAClient() throws Exception {
        plane.clients = clients(List.of(), 1);
        plane.start(Backend.echo());

        try (var beside = Executors.newVirtualThreadPerTaskExecutor()) {
            CompletableFuture<H3Client> second;
            try (H3Client first = connect()) {
                assertThat(first.get("/1").answer().text()).isEqualTo("/1");
                second = CompletableFuture.supplyAsync(this::connected, beside);
                RunningPlane.until("the second is refused", () -> refused("address-connections") > 0);
                assertThat(first.get("/2").answer().text()).isEqualTo("/2");
                assertThat(second).isNotDone();
                assertThat(plane.plane().open()).isEqualTo(1);
            }
            try (H3Client let = second.get(30, TimeUnit.SECONDS)) {
                assertThat(let.get("/3").answer().text()).isEqualTo("/3");
            }
        }
    }

    private H3Client connected() {
        try {
            return connect();
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }

    @Test
    void letsNobodyInWhoIsDenied() throws Exception {
        plane.clients = clients(List.of(new Cidr(InetAddress.getLoopbackAddress(), 32)), 0);
        plane.start(Backend.echo());

        try (var beside = Executors.newVirtualThreadPerTaskExecutor()) {
            CompletableFuture<H3Client> denied = CompletableFuture.supplyAsync(this::connected, beside);
            RunningPlane.until("it is refused, twice", () -> refused("denied") > 1);
            assertThat(denied).isNotDone();
            assertThat(plane.plane().open()).isZero();

            plane.clients = null;
            plane.update();
            try (H3Client let = denied.get(30, TimeUnit.SECONDS)) {
                assertThat(let.get("/").answer().text()).isEqualTo("/");
            }
        }
    }

    private static ClientsSpec clients(List<Cidr> deny, int connections) {
        var none = new ClientLimits(0, 0, 0);
        return new ClientsSpec(List.of(), deny, new ClientLimits(connections, 0, 0), none, 24, 64, 1024);
    }

    private long refused(String why) {
        return plane.metrics.counter(Metric.LISTENER_REFUSALS, "web", why).value();
    }

    // ---- certificates ----

    @Test
    void followsAChangedFile() throws Exception {
        plane.start(Backend.echo());

        try (H3Client before = connect()) {
            assertThat(before.shown()).contains("CN=first");
            certified.ec("second", "a.example");
            replace("second.key", "first.key");
            replace("second.pem", "first.pem");
            // It is read when it has rested from one look to the next.
            plane.plane().look(System.nanoTime());
            plane.plane().look(System.nanoTime());

            try (H3Client after = connect()) {
                assertThat(after.shown()).contains("CN=second");
                assertThat(after.get("/after").answer().text()).isEqualTo("/after");
            }
            assertThat(before.get("/before").answer().text()).isEqualTo("/before");
        }
    }

    private void replace(String from, String to) throws Exception {
        Files.copy(folder.resolve(from), folder.resolve(to), StandardCopyOption.REPLACE_EXISTING);
    }
}
