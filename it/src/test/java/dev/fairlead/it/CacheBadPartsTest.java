package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Parts of bodies that come otherwise than they should: more or less than their head says, too late, from another
/// variant, or as slowly as many clients take them.
class CacheBadPartsTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d+)");
    private static final int SIZE = 90_000;
    /// Beyond what sockets hold of it.
    private static final int FILM = 12 << 20;

    private static final String EVIL = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";

    private final int web = Repository.freePort();
    private final CountDownLatch goOn = new CountDownLatch(1);
    private ScriptedBackend origin;
    private Fairlead fairlead;

    @BeforeEach
    void start() throws IOException {
        origin = ScriptedBackend.playing(connection -> {
            for (Optional<Message> request = connection.request();
                    request.isPresent();
                    request = connection.request()) {
                answer(connection, request.get());
            }
        });
        fairlead = Fairlead.start("""
                loops: 2
                cache-store: {memory: 4MiB}
                listeners:
                  web:
                    protocol: http
                    address: "127.0.0.1:%d"
                    cache: {object-max: 100KiB}
                    routes:
                      - {match: {path-prefix: /film}, upstream: app, cache: {object-max: 16MiB}}
                    upstream: app
                upstreams:
                  app: {endpoints: ["%s"], attempts: 1}
                """.formatted(web, origin.address()));
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        goOn.countDown();
        fairlead.close();
        origin.close();
    }

    private static String body(String target) {
        int size = target.startsWith("/film") ? FILM : SIZE;
        var text = new StringBuilder(size + 32);
        while (text.length() < size) {
            text.append(target).append(' ').append(text.length()).append('\n');
        }
        return text.substring(0, size);
    }

    private void answer(ScriptedBackend.Connection connection, Message request)
            throws IOException, InterruptedException {
        String target = request.target();
        String all = body(target);
        boolean isRest = request.first("If-Range").isPresent();
        String fields = "ETag: \"1\"\r\nCache-Control: max-age=600, private=\"X-Own\"\r\nX-Own: "
                + request.first("X-Me").orElse("nobody") + "\r\n";
        fields += "Content-Digest: sha-256=:AA==:\r\nRepr-Digest: sha-256=:AA==:\r\n";
        fields += target.startsWith("/old") ? "Age: 100\r\n" : "";
        fields += target.startsWith("/vary") && isRest ? "Vary: X-Me\r\n" : "";
        Matcher range = RANGE.matcher(request.first("Range").orElse(""));
        if (target.startsWith("/late")) {
            goOn.await();
        }
        if (!range.matches()) {
            connection.send("HTTP/1.1 200 OK\r\n" + fields + "Content-Length: " + all.length() + "\r\n\r\n" + all);
            return;
        }
        int from = Integer.parseInt(range.group(1));
        int to = Integer.parseInt(range.group(2)) + 1;
        String head = "HTTP/1.1 206 Partial Content\r\n" + fields + "Content-Range: bytes " + from + "-" + (to - 1)
                + "/" + all.length() + "\r\n";
        String part = all.substring(from, to);
        if (isRest && (target.startsWith("/more") || target.startsWith("/less"))) {
            String sent = target.startsWith("/more") ? part + EVIL : part.substring(1);
            connection.send(head + "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(sent.length()) + "\r\n"
                    + sent + "\r\n0\r\n\r\n");
            return;
        }
        connection.send(head + "Content-Length: " + part.length() + "\r\n\r\n");
        if (target.startsWith("/slow")) {
            connection.send(part.substring(1));
            goOn.await();
            part = part.substring(0, 1);
        }
        connection.send(part);
    }

    private String request(String target, String fields) {
        return "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + web + "\r\n" + fields + "\r\n";
    }

    private Message ask(String target, String fields) throws IOException {
        try (Wire wire = Wire.to(web)) {
            return wire.send(request(target, fields)).response();
        }
    }

    private static String range(int from, int to) {
        return "Range: bytes=" + from + "-" + (to - 1) + "\r\n";
    }

    private static String told(Message answer) {
        return answer.first("Cache-Status").orElseThrow();
    }

    /// What is kept of the other side's answer is nothing that a client reads as another answer.
    @Test
    void moreThanWasMissingIsNotSent() throws Exception {
        assertThat(told(ask("/more", range(0, 10_000)))).contains("stored");
        try (Wire wire = Wire.to(web)) {
            Message answer = wire.send(request("/more", "")).response();
            assertThat(answer.first("Content-Length")).contains("" + SIZE);
            assertThat(answer.whole()).isFalse();
            assertThat(wire.isEnded()).as("nothing comes behind it").isTrue();
        }
        assertThat(told(ask("/more", ""))).contains("fwd=uri-miss; fwd-status=200; stored");
        assertThat(ask("/more", "").text()).isEqualTo(body("/more"));
    }

    @Test
    void whatIsLessThanWasMissingIsForgotten() throws Exception {
        assertThat(told(ask("/less", range(0, 10_000)))).contains("stored");
        assertThat(ask("/less", "").whole()).isFalse();
        assertThat(told(ask("/less", ""))).contains("fwd=uri-miss; fwd-status=200; stored");
    }

    @Test
    void whatWasAskedForBeforeAPurgeIsNotKept() throws Exception {
        try (Wire wire = Wire.to(web).send(request("/late", range(0, 100)))) {
            await().atMost(SOON).until(() -> origin.requests().size() == 1);
            fairlead.command(0, "cache", "purge", "--all");
            goOn.countDown();
            Message answer = wire.response();
            assertThat(answer.text()).isEqualTo(body("/late").substring(0, 100));
            assertThat(told(answer)).doesNotContain("stored");
        }
        assertThat(told(ask("/late", range(0, 50)))).contains("fwd=miss");
        assertThat(told(ask("/late", range(0, 50)))).contains("hit");
    }

    @Test
    void fieldsThatAreOneClientsAreNotKeptWithTheRest() throws Exception {
        assertThat(told(ask("/old", range(0, 10_000)))).contains("stored");
        assertThat(told(ask("/old", "X-Me: anna\r\n"))).contains("fwd=partial; fwd-status=206; stored");
        Message kept = ask("/old", "");
        assertThat(told(kept)).contains("hit");
        assertThat(kept.first("X-Own")).isEmpty();
        assertThat(kept.fields().stream().filter(field -> field.name().equalsIgnoreCase("Age")))
                .hasSize(1);
        assertThat(Integer.parseInt(kept.first("Age").orElseThrow())).isBetween(100, 160);
        assertThat(kept.text()).isEqualTo(body("/old"));
    }

    @Test
    void theRestOfAnotherVariantIsNot() throws Exception {
        assertThat(told(ask("/vary", range(0, 10_000)))).contains("stored");
        Message answer = ask("/vary", "X-Me: anna\r\n");
        assertThat(told(answer)).contains("fwd=partial");
        assertThat(answer.text()).isEqualTo(body("/vary"));
        assertThat(told(ask("/vary", "X-Me: bert\r\n"))).doesNotContain("hit").contains("stored");
    }

    @Test
    void aPartDoesNotHaveTheHashOfTheWhole() throws Exception {
        assertThat(ask("/page", "").first("Content-Digest")).isPresent();
        assertThat(ask("/page", "").first("Content-Digest")).isPresent();
        Message part = ask("/page", range(0, 100));
        assertThat(told(part)).contains("hit");
        assertThat(part.first("Content-Digest")).isEmpty();
        assertThat(part.first("Repr-Digest")).isPresent();
    }

    /// RFC 9110 §14.2: that is for GET.
    @Test
    void aRangeOfHeadIsNone() throws Exception {
        assertThat(told(ask("/page", ""))).contains("stored");
        for (String range : new String[] {"bytes=0-99", "bytes=100000-"}) {
            try (Wire wire = Wire.to(web)) {
                Message head = wire.send(
                                "HEAD /page HTTP/1.1\r\nHost: 127.0.0.1:" + web + "\r\nRange: " + range + "\r\n\r\n")
                        .responseToHead();
                assertThat(told(head)).contains("hit");
                assertThat(head.status()).isEqualTo(200);
                assertThat(head.first("Content-Length")).contains("" + SIZE);
            }
        }
    }

    @Test
    void partsOfSlowClientsDoNotStopTheOthers() throws Exception {
        List<Wire> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 30; i++) {
                slow.add(Wire.to(web).send(request("/slow/" + i, range(0, SIZE - 1))));
            }
            for (Wire wire : slow) {
                // All but the last byte of its body has come.
                assertThat(wire.in().readNBytes(SIZE - 2)).hasSize(SIZE - 2);
            }
            assertThat(told(ask("/page", ""))).contains("stored");
            assertThat(told(ask("/page", ""))).contains("hit");
        } finally {
            for (Wire wire : slow) {
                wire.close();
            }
        }
    }

    /// What a client does not take for long is there for others.
    @Test
    void whatCameForAClientThatStandsIsKept() throws Exception {
        try (Wire wire = Wire.to(web, 4096).send(request("/film", range(0, FILM)))) {
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(fairlead.metric("fairlead_cache_page_bytes"))
                            .isPositive());
            Message part = ask("/film", range(1_000, 100_000));
            assertThat(told(part)).contains("hit");
            assertThat(part.text()).isEqualTo(body("/film").substring(1_000, 100_000));
            assertThat(wire.response().text().equals(body("/film"))).isTrue();
        }
        assertThat(origin.requests()).hasSize(1);
    }
}
