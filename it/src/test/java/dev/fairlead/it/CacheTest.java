package dev.fairlead.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is kept and used again, through the real program, with an endpoint that counts what it is asked.
class CacheTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    private final int web = Repository.freePort();
    private final AtomicInteger asked = new AtomicInteger();
    private final CountDownLatch goOn = new CountDownLatch(1);
    private volatile boolean isFailing;
    private volatile int tag;
    private ScriptedBackend origin;
    private Fairlead fairlead;

    @BeforeEach
    void start() throws IOException {
        origin = ScriptedBackend.playing(connection -> {
            for (var request = connection.request(); request.isPresent(); request = connection.request()) {
                answer(connection, request.get());
            }
        });
        fairlead = Fairlead.start("""
                loops: 2
                listeners:
                  web:
                    protocol: http
                    address: "127.0.0.1:%d"
                    cache: {object-max: 256KiB}
                    routes:
                      - {match: {path-prefix: /keyed}, upstream: app, cache: {key-query: [page], bypass-cookies: session, bypass-headers: X-Preview, statuses: [200, 300-399]}}
                      - {match: {path-prefix: /never}, upstream: app, cache: {enabled: false}}
                      - match: {path: /paged}
                        upstream: app
                        error-pages: [{status: 500, body: sorry, intercept: true}]
                    upstream: app
                upstreams:
                  app: {endpoints: ["%s"]}
                """.formatted(web, origin.address()));
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        goOn.countDown();
        fairlead.close();
        origin.close();
    }

    private void answer(ScriptedBackend.Connection connection, Message request)
            throws IOException, InterruptedException {
        int count = asked.incrementAndGet();
        String target = request.start().split(" ")[1];
        if (isFailing) {
            connection.send(response("500 Oh", "", "broken"));
        } else if (target.startsWith("/etag")) {
            boolean isSame = request.first("If-None-Match").orElse("").equals("\"v1\"");
            String fields =
                    "ETag: \"v1\"\r\nCache-Control: max-age=0, stale-if-error=600\r\nX-Count: " + count + "\r\n";
            connection.send(
                    isSame ? "HTTP/1.1 304 Not Modified\r\n" + fields + "\r\n" : response("200 OK", fields, "etag"));
        } else if (target.startsWith("/headed")) {
            String fields = "ETag: \"v" + tag + "\"\r\nCache-Control: max-age=60\r\nX-Count: " + count + "\r\n";
            String all = response("200 OK", fields, "headed");
            connection.send(request.start().startsWith("HEAD") ? all.substring(0, all.length() - 6) : all);
        } else if (target.startsWith("/both")) {
            String fields = "Vary: Accept-Language\r\nETag: \"v1\"\r\nCache-Control: max-age=0\r\n";
            if (request.first("If-None-Match").isPresent()) {
                goOn.await();
                connection.send("HTTP/1.1 304 Not Modified\r\n" + fields + "\r\n");
            } else {
                connection.send(response(
                        "200 OK", fields, request.first("Accept-Language").orElse("none")));
            }
        } else if (target.startsWith("/vary")) {
            String language = request.first("Accept-Language").orElse("none");
            connection.send(response("200 OK", "Vary: Accept-Language\r\nCache-Control: max-age=60\r\n", language));
        } else if (target.startsWith("/private")) {
            connection.send(response("200 OK", "Cache-Control: private, max-age=60\r\n", "mine " + count));
        } else if (target.startsWith("/slow")) {
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nCache-Control: max-age=60\r\n\r\n"
                    + "5\r\nfirst\r\n");
            goOn.await();
            connection.send("7\r\n second\r\n0\r\n\r\n");
        } else if (target.startsWith("/early")) {
            connection.send("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n");
            goOn.await();
            connection.send(response("200 OK", "Cache-Control: max-age=60\r\n", "late"));
        } else if (target.endsWith("/gone")) {
            connection.send(response("410 Gone", "Cache-Control: max-age=60\r\n", ""));
        } else if (target.startsWith("/large")) {
            String body = "x".repeat(1 << 20) + count;
            connection.send(response("200 OK", "Cache-Control: max-age=60\r\n", body));
        } else if (target.startsWith("/endless")) {
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                    + "Cache-Control: max-age=0, stale-while-revalidate=600\r\n\r\n5\r\nfirst\r\n");
            if (target.endsWith("again") && count == 1) {
                connection.send("0\r\n\r\n");
                return;
            }
            goOn.await();
            String chunk = "2000\r\n" + "x".repeat(0x2000) + "\r\n";
            while (true) {
                // Until Fairlead ends the connection.
                connection.send(chunk);
            }
        } else if (target.startsWith("/seen")) {
            String seen = request.first("X-Forwarded-Host").orElse("") + " "
                    + request.first("X-Original-URL").orElse("-");
            connection.send(response("200 OK", "Cache-Control: max-age=60\r\n", seen));
        } else {
            connection.send(response("200 OK", "Cache-Control: max-age=60\r\n", target + " " + count));
        }
    }

    private static String response(String status, String fields, String body) {
        return "HTTP/1.1 " + status + "\r\nContent-Length: " + body.length() + "\r\n" + fields + "\r\n" + body;
    }

    private Message ask(String target, String fields) throws IOException {
        return ask("GET", target, fields);
    }

    private Message ask(String method, String target, String fields) throws IOException {
        try (Wire wire = Wire.to(web)) {
            return wire.send(method + " " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n")
                    .response();
        }
    }

    private static String cacheStatus(Message answer) {
        return answer.first("Cache-Status").orElse("");
    }

    @Test
    void whatIsFreshIsNotAskedAgain() throws Exception {
        Message first = ask("/a", "");
        Message second = ask("/a", "");
        assertThat(cacheStatus(first)).isEqualTo("fairlead; fwd=uri-miss; fwd-status=200; stored");
        assertThat(cacheStatus(second)).startsWith("fairlead; hit; ttl=");
        assertThat(second.first("Age")).isPresent();
        assertThat(second.text()).isEqualTo(first.text());
        assertThat(ask("/b", "").text()).isNotEqualTo(first.text());
        assertThat(asked).hasValue(2);
        assertThat(fairlead.metric("fairlead_cache_requests_total", "hit")).isEqualTo(1);
        assertThat(fairlead.metric("fairlead_cache_requests_total", "miss")).isEqualTo(2);
        assertThat(fairlead.metric("fairlead_cache_sent_bytes_total"))
                .isEqualTo(first.text().length());
    }

    @Test
    void partsAndConditionsAreAnsweredFromWhatIsKept() throws Exception {
        ask("/0123456789", "");
        Message part = ask("/0123456789", "Range: bytes=1-3\r\n");
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.text()).isEqualTo("012");
        assertThat(part.first("Content-Range")).hasValue("bytes 1-3/13");
        assertThat(ask("/0123456789", "Range: bytes=-2\r\n").text()).isEqualTo(" 1");
        assertThat(ask("/0123456789", "Range: bytes=99-\r\n").status()).isEqualTo(416);
        assertThat(ask("/0123456789", "Range: bytes=0-1\r\nIf-Range: \"other\"\r\n")
                        .status())
                .isEqualTo(200);
        assertThat(asked).hasValue(1);
        assertThat(ask("/etag", "If-None-Match: W/\"v1\"\r\n").status()).isEqualTo(304);
        assertThat(ask("/etag", "").text()).isEqualTo("etag");
    }

    @Test
    void whatIsStaleIsRevalidatedOrUsedWhenTheEndpointFails() throws Exception {
        assertThat(ask("/etag", "").text()).isEqualTo("etag");
        Message again = ask("/etag", "");
        assertThat(cacheStatus(again)).isEqualTo("fairlead; fwd=stale; fwd-status=304");
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.text()).isEqualTo("etag");
        assertThat(again.first("X-Count")).as("the 304's field").hasValue("2");
        isFailing = true;
        Message stale = ask("/etag", "");
        assertThat(stale.text()).isEqualTo("etag");
        assertThat(cacheStatus(stale)).contains("stale-if-error");
        assertThat(ask("/other", "").status()).isEqualTo(500);
        assertThat(ask("/paged", "").text())
                .as("a page instead of what is not kept")
                .isEqualTo("sorry");
        assertThat(ask("/paged", "").text()).isEqualTo("sorry");
    }

    @Test
    void whatHeadSaysIsTrueOfWhatIsKept() throws Exception {
        ask("/headed", "");
        assertThat(cacheStatus(head("/headed", ""))).contains("hit");
        assertThat(cacheStatus(head("/headed", "Cache-Control: no-cache\r\n"))).isEqualTo("fairlead; fwd=miss");
        Message renewed = ask("/headed", "");
        assertThat(cacheStatus(renewed)).contains("hit");
        assertThat(renewed.first("X-Count")).as("the field of HEAD").hasValue("2");
        assertThat(renewed.all("Cache-Status")).hasSize(1);
        // Somebody's own answer says nothing of everybody's.
        tag = 1;
        head("/headed", "Cache-Control: no-cache\r\nAuthorization: Basic eA==\r\n");
        assertThat(cacheStatus(ask("/headed", ""))).contains("hit");
        head("/headed", "Cache-Control: no-cache\r\n");
        assertThat(cacheStatus(ask("/headed", ""))).contains("fwd=stale; fwd-status=200; stored");
        assertThat(ask("/headed", "").first("ETag")).hasValue("\"v1\"");
    }

    private Message head(String target, String fields) throws IOException {
        try (Wire wire = Wire.to(web)) {
            return wire.send("HEAD " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n")
                    .responseToHead();
        }
    }

    /// RFC 9211: on our own answers, too.
    @Test
    void whatNobodyAnswersSaysWhyItWasAsked() throws Exception {
        origin.close();
        Message waited = ask("/a", "");
        assertThat(waited.status()).isEqualTo(502);
        assertThat(waited.all("Cache-Status")).containsExactly("fairlead; fwd=uri-miss");
        assertThat(cacheStatus(ask("/a", "Range: bytes=0-1\r\n"))).isEqualTo("fairlead; fwd=miss; fwd-status=502");
        assertThat(cacheStatus(ask("/a", "Cache-Control: no-store\r\n"))).isEqualTo("fairlead; fwd=request");
    }

    @Test
    void variantsAreToldApart() throws Exception {
        for (int round = 0; round < 3; round++) {
            assertThat(ask("/vary", "Accept-Language: de\r\n").text()).isEqualTo("de");
            assertThat(ask("/vary", "Accept-Language: en , fr\r\n").text()).isEqualTo("en , fr");
            assertThat(ask("/vary", "").text()).isEqualTo("none");
        }
        assertThat(asked).hasValue(3);
    }

    /// Two wait for one revalidation, and only one of them is whom the variant is for.
    @Test
    void whoeverWaitsGetsTheVariantThatIsHis() throws Exception {
        assertThat(ask("/both", "Accept-Language: de\r\n").text()).isEqualTo("de");
        try (Wire german = Wire.to(web).send("GET /both HTTP/1.1\r\nHost: a\r\nAccept-Language: de\r\n\r\n")) {
            await().atMost(SOON).until(() -> asked.get() == 2);
            try (Wire english = Wire.to(web).send("GET /both HTTP/1.1\r\nHost: a\r\nAccept-Language: en\r\n\r\n")) {
                // It has arrived, and waits.
                await().atMost(SOON).until(() -> fairlead.metric("fairlead_listener_connections_open", "web") >= 2);
                goOn.countDown();
                assertThat(english.response().text()).isEqualTo("en");
            }
            assertThat(german.response().text()).isEqualTo("de");
        }
    }

    @Test
    void whatIsSomebodysIsNotKept() throws Exception {
        assertThat(ask("/private", "").text()).isEqualTo("mine 1");
        assertThat(ask("/private", "").text()).isEqualTo("mine 2");
        assertThat(ask("/a", "Authorization: Basic eA==\r\n").text()).isEqualTo("/a 3");
        assertThat(ask("/a", "Authorization: Basic eQ==\r\n").text()).isEqualTo("/a 4");
        assertThat(ask("/never", "").text()).isEqualTo("/never 5");
        assertThat(ask("/never", "").first("Cache-Status")).isEmpty();
        assertThat(asked).hasValue(6);
    }

    @Test
    void routesChooseTheKey() throws Exception {
        assertThat(ask("/keyed?page=1&ad=x", "").text()).isEqualTo("/keyed?page=1&ad=x 1");
        assertThat(ask("/keyed?ad=y&page=1", "").text()).isEqualTo("/keyed?page=1&ad=x 1");
        assertThat(ask("/keyed?page=2", "").text()).isEqualTo("/keyed?page=2 2");
        assertThat(ask("/keyed?page=1", "Cookie: a=b; session=7\r\n").text()).isEqualTo("/keyed?page=1 3");
        assertThat(ask("/keyed?page=1", "x-preview: on\r\n").text()).isEqualTo("/keyed?page=1 4");
        assertThat(cacheStatus(ask("/keyed/gone", ""))).isEqualTo("fairlead; fwd=uri-miss; fwd-status=410");
        assertThat(cacheStatus(ask("/gone", ""))).endsWith("stored");
    }

    /// Practical web cache poisoning: what a client can say besides the key must not reach others.
    @Test
    void fieldsThatAreNotInTheKeyDoNotReachTheEndpoint() throws Exception {
        assertThat(ask("/seen", "X-Forwarded-Host: evil\r\nX-Original-URL: /admin\r\n")
                        .text())
                .isEqualTo("a -");
        assertThat(ask("/seen", "").text()).isEqualTo("a -");
        assertThat(asked).hasValue(1);
    }

    @Test
    void whatChangesAnythingMakesItForgotten() throws Exception {
        ask("/a", "");
        assertThat(cacheStatus(ask("POST", "/a", "Content-Length: 0\r\n"))).isEqualTo("fairlead; fwd=method");
        assertThat(ask("/a", "").text()).isEqualTo("/a 3");
        assertThat(cacheStatus(ask("/none", "Cache-Control: only-if-cached\r\n")))
                .contains("only-if-cached");
        assertThat(ask("/none", "Cache-Control: only-if-cached\r\n").status()).isEqualTo(504);
    }

    @Test
    void manyWaitForOneAndGetItAsItComes() throws Exception {
        List<Wire> wires = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            wires.add(Wire.to(web).send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"));
        }
        await().atMost(SOON).until(() -> fairlead.metric("fairlead_cache_requests_total", "collapsed") == 19);
        // Whoever asked first leaves: the others have it to the end all the same.
        wires.removeFirst().close();
        goOn.countDown();
        for (Wire wire : wires) {
            assertThat(wire.response().text()).isEqualTo("first second");
            wire.close();
        }
        assertThat(asked).hasValue(1);
        Message kept = ask("/slow", "");
        assertThat(cacheStatus(kept)).contains("hit");
        assertThat(kept.first("Content-Length")).hasValue("12");
    }

    @Test
    void earlyHintsGoToAllWhoWait() throws Exception {
        List<Wire> wires = new ArrayList<>();
        wires.add(Wire.to(web).send("GET /early HTTP/1.1\r\nHost: a\r\n\r\n"));
        // It is this one's fill that others join, before the endpoint has said all.
        await().atMost(SOON).until(() -> asked.get() == 1);
        wires.add(Wire.to(web).send("GET /early HTTP/1.1\r\nHost: a\r\n\r\n"));
        byte[] early = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n".getBytes(ISO_8859_1);
        assertThat(wires.getFirst().in().readNBytes(early.length)).isEqualTo(early);
        goOn.countDown();
        Message second = wires.get(1).response();
        assertThat((second.status() == 103 ? wires.get(1).response() : second).text())
                .isEqualTo("late");
        for (Wire wire : wires) {
            wire.close();
        }
        assertThat(asked).hasValue(1);
        assertThat(ask("/early", "").text()).isEqualTo("late");
    }

    @Test
    void languagesAreToldApartByWhatIsLikedMore() throws Exception {
        ask("/vary", "Accept-Language: DE, en;q=0.50\r\n");
        assertThat(cacheStatus(ask("/vary", "Accept-Language: en;q=0.5,de;q=1.0\r\n")))
                .contains("hit");
        assertThat(cacheStatus(ask("/vary", "Accept-Language: en,de;q=0.5\r\n")))
                .contains("stored");
    }

    @Test
    void whatIsTooLargeIsPassedOn() throws Exception {
        assertThat(ask("/large", "").text()).hasSize((1 << 20) + 1).endsWith("1");
        assertThat(ask("/large", "").text()).endsWith("2");
    }

    /// What is too large to be kept, and comes for nobody, is not taken in.
    @Test
    void whatNobodyReadsIsGivenUp() throws Exception {
        try (Wire wire = Wire.to(web).send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")) {
            assertThat(wire.responseToHead().status()).isEqualTo(200);
            assertThat(wire.in().readNBytes(8)).asString(ISO_8859_1).isEqualTo("5\r\nfirst");
        }
        await().atMost(SOON).until(() -> fairlead.metric("fairlead_listener_connections_open", "web") == 0);
        goOn.countDown();
        await().atMost(SOON).until(() -> origin.ended() == 1);
        assertThat(ask("/a", "").text()).isEqualTo("/a 2");
    }

    @Test
    void aNewBodyThatIsTooLargeIsNotTakenInBehindTheScenes() throws Exception {
        goOn.countDown();
        assertThat(ask("/endless/again", "").text()).isEqualTo("first");
        assertThat(ask("/endless/again", "").text()).as("stale").isEqualTo("first");
        await().atMost(SOON).until(() -> origin.ended() == 1);
        assertThat(asked).hasValue(2);
    }

    /// Clients of both loops over a few keys: every answer is whole, and that of its own target.
    @Test
    void everyAnswerIsThatOfItsTarget() throws Exception {
        List<CompletableFuture<Void>> clients = new ArrayList<>();
        for (int client = 0; client < 16; client++) {
            int first = client;
            clients.add(CompletableFuture.runAsync(() -> askAll(first), Thread::startVirtualThread));
        }
        CompletableFuture.allOf(clients.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
        assertThat(asked).hasValueLessThanOrEqualTo(20);
    }

    private void askAll(int first) {
        try (Wire wire = Wire.to(web)) {
            for (int i = 0; i < 200; i++) {
                String target = "/" + (first + i) % 10;
                assertThat(wire.get(target).text()).startsWith(target + " ");
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
