package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every request of `malformed.txt` gets the status that RFC 9110 and 9112 ask for, and a backend never sees a
/// request that the client did not make.
class MalformedRequestTest {
    private static final int PORT = Repository.freePort();
    private static ScriptedBackend backend;
    private static Fairlead fairlead;

    @BeforeAll
    static void start() throws IOException {
        backend = ScriptedBackend.answering(request -> ScriptedBackend.ok("fine"));
        fairlead = Fairlead.start("""
                listeners:
                  web:
                    protocol: http
                    address: "127.0.0.1:%d"
                    upstream: app
                    limits: {target-bytes: 1KiB, head-bytes: 8KiB, field-count: 32, body-bytes: 1KiB}
                    timeouts: {head: 2s, body: 2s}
                upstreams:
                  app: {endpoints: ["%s"]}
                """.formatted(PORT, backend.address()));
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        try {
            fairlead.close();
        } finally {
            backend.close();
        }
    }

    @BeforeEach
    void forget() {
        backend.forgetRequests();
    }

    static List<MalformedCase> cases() throws IOException {
        return MalformedCase.all();
    }

    @Test
    void hasAHundredCases() throws IOException {
        assertThat(cases().stream().filter(each -> !each.isSound())).hasSizeGreaterThanOrEqualTo(100);
        assertThat(cases()).extracting(MalformedCase::name).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isAnsweredAsTheRfcsAsk(MalformedCase given) throws IOException {
        try (Wire wire = Wire.to(PORT)) {
            sendAll(wire, given.bytes());
            if (given.before().isPresent()) {
                assertThat(wire.response().status()).isEqualTo(given.before().getAsInt());
            }
            Message answer = wire.response();

            assertThat(answer.status()).as(answer.toString()).isIn(given.statuses());
            assertThat(answer.whole()).isTrue();
            if (given.keeps()) {
                assertThat(wire.get("/after").status()).isEqualTo(200);
            } else {
                assertThat(answer.status() == 200 || says(answer, "Connection", "close"))
                        .as("a connection that ends says so: " + answer)
                        .isTrue();
                assertThat(wire.isEnded()).isTrue();
            }
        }
        assertThat(backend.requests().stream().filter(Message::whole).map(Message::target))
                .hasSize(wanted(given))
                .noneMatch(target -> target.contains("smuggled"));
    }

    private static int wanted(MalformedCase given) {
        return given.keeps() ? 2 : given.isSound() || given.before().isPresent() ? 1 : 0;
    }

    private static boolean says(Message answer, String name, String value) {
        Optional<String> field = answer.first(name);
        return field.isPresent() && field.get().equalsIgnoreCase(value);
    }

    /// The program may have answered and closed before it has taken everything: then the rest cannot be sent.
    private static void sendAll(Wire wire, byte[] bytes) throws IOException {
        try {
            wire.send(bytes);
        } catch (SocketException e) {
            assertThat(bytes.length)
                    .as("only a long request can be cut off: " + e)
                    .isGreaterThan(1_000);
        }
    }
}
