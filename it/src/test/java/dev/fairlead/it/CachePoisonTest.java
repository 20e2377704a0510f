package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// An endpoint that says all that it was asked: what one client can say besides the key must not come to another
/// (Kettle: Practical Web Cache Poisoning, 2018; Web Cache Entanglement, 2020).
class CachePoisonTest {
    private static final int WEB = Repository.freePort();
    private static final AtomicInteger ASKED = new AtomicInteger();
    private static ScriptedBackend origin;
    private static final int BEHIND = Repository.freePort();
    private static Fairlead fairlead;

    @BeforeAll
    static void start() throws IOException {
        origin = ScriptedBackend.answering(request -> {
            ASKED.incrementAndGet();
            String body = request.start() + "\n"
                    + request.fields().stream()
                            .map(field -> field.name() + ": " + field.value())
                            .collect(Collectors.joining("\n"))
                    + "\n" + request.text();
            return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\nCache-Control: max-age=600\r\n\r\n"
                    + body;
        });
        fairlead = Fairlead.start("""
                listeners:
                  web:
                    protocol: http
                    address: "127.0.0.1:%d"
                    cache: {}
                    routes:
                      - {match: {path-prefix: /keyed}, upstream: app, cache: {key-query: [page], key-headers: X-Tenant}}
                    upstream: app
                  behind:
                    protocol: http
                    address: "127.0.0.1:%d"
                    trusted-proxies: [127.0.0.0/8]
                    cache: {}
                    upstream: app
                upstreams:
                  app: {endpoints: ["%s"]}
                """.formatted(WEB, BEHIND, origin.address()));
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        fairlead.close();
        origin.close();
    }

    private static Message ask(String head) throws IOException {
        try (Wire wire = Wire.to(WEB)) {
            return wire.send(head).response();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Forwarded-Host: evil.test",
                "X-Forwarded-Proto: evil",
                "X-Forwarded-Port: 6666",
                "X-Forwarded-For: 6.6.6.6",
                "X-Real-IP: 6.6.6.6",
                "Forwarded: host=evil.test;for=6.6.6.6",
                "X-Original-URL: /evil",
                "X-Rewrite-URL: /evil",
                "X-Original-Host: evil.test",
                "X-Host: evil.test",
                "X-Forwarded-Server: evil.test",
                "X-Forwarded-Scheme: evil",
                "X-Forwarded-Path: /evil",
                "X-Forwarded-Prefix: /evil",
                "X-HTTP-Method-Override: EVIL",
                "X-HTTP-Method: EVIL",
                "X-Method-Override: EVIL",
                "Connection: evil",
                "Range: bytes=6-6",
                "If-None-Match: \"evil\""
            })
    void whatOneSaysDoesNotComeToAnother(String field) throws IOException {
        String head = "GET /field/" + field.hashCode() + " HTTP/1.1\r\nHost: a.test\r\n";
        ask(head + field + "\r\n\r\n");
        Message other = ask(head + "\r\n");
        assertThat(other.status()).isEqualTo(200);
        assertThat(other.text().toLowerCase(java.util.Locale.ROOT))
                .startsWith("get /field/")
                .doesNotContain("evil", "6.6.6.6", "6666", "bytes=");
    }

    @Test
    void hostAndTargetAreTheKeyAsTheyAreSent() throws IOException {
        String[] heads = {
            "GET /a HTTP/1.1\r\nHost: a.test\r\n\r\n",
            "GET /a HTTP/1.1\r\nHost: b.test\r\n\r\n",
            "GET /a HTTP/1.1\r\nHost: a.test:81\r\n\r\n",
            "GET http://c.test/a HTTP/1.1\r\nHost: c.test\r\n\r\n",
            "GET /a?x HTTP/1.1\r\nHost: a.test\r\n\r\n",
            "GET /%61 HTTP/1.1\r\nHost: a.test\r\n\r\n",
            "GET /a%3Fx HTTP/1.1\r\nHost: a.test\r\n\r\n",
            "GET /A HTTP/1.1\r\nHost: a.test\r\n\r\n",
            "GET /keyed?page=1 HTTP/1.1\r\nHost: a.test\r\n\r\n",
            "GET /keyed?page=1%26page=2 HTTP/1.1\r\nHost: a.test\r\n\r\n",
            "GET /keyed&page=1 HTTP/1.1\r\nHost: a.test\r\n\r\n",
            "GET /keyed?page=1 HTTP/1.1\r\nHost: a.test\r\nX-Tenant: 7\r\n\r\n",
            "GET /keyed?page=1 HTTP/1.1\r\nHost: a.test\r\nX-Tenant:\r\n\r\n"
        };
        for (String head : heads) {
            assertThat(ask(head).all("Cache-Status"))
                    .as(head)
                    .singleElement()
                    .asString()
                    .endsWith("stored");
        }
        assertThat(ask("GET /a HTTP/1.1\r\nHost: A.TEST\r\n\r\n").first("Cache-Status"))
                .hasValueSatisfying(said -> assertThat(said).contains("hit"));
    }

    /// What a proxy before us says is passed on, so that endpoints answer by it: with a redirect to https, above all.
    @Test
    void whatATrustedProxySaysIsInTheKey() throws IOException {
        String[] said = {
            "",
            "X-Forwarded-Proto: https\r\n",
            "X-Forwarded-Host: other.test\r\n",
            "X-Forwarded-Host: other.test\r\nX-Forwarded-Proto: https\r\n",
            "X-Forwarded-Port: 444\r\n",
            "X-Forwarded-Port: 4 44\r\n"
        };
        for (int round = 0; round < 2; round++) {
            for (String fields : said) {
                String head = "GET /behind HTTP/1.1\r\nHost: a.test\r\n" + fields + "\r\n";
                try (Wire wire = Wire.to(BEHIND)) {
                    assertThat(wire.send(head).response().first("Cache-Status").orElseThrow())
                            .as(fields)
                            .contains(round == 0 ? "stored" : "hit");
                }
            }
        }
        try (Wire wire = Wire.to(BEHIND)) {
            Message same = wire.send("GET /behind HTTP/1.1\r\nHost: a.test\r\nX-Forwarded-Host: A.test\r\n"
                            + "X-Forwarded-Proto: http\r\n\r\n")
                    .response();
            assertThat(same.first("Cache-Status").orElseThrow()).contains("hit");
        }
    }

    /// A body on GET changes an answer with some servers ("fat GET").
    @Test
    void whatHasABodyIsNeitherKeptNorAnswered() throws IOException {
        int before = ASKED.get();
        ask("GET /fat HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\nevil");
        Message clean = ask("GET /fat HTTP/1.1\r\nHost: a.test\r\n\r\n");
        assertThat(clean.text()).doesNotContain("evil");
        ask("GET /fat HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\nevil");
        assertThat(ASKED.get() - before).isEqualTo(3);
    }
}
