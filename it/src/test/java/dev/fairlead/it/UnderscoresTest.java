package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What becomes of a field with `_` in its name: `limits.underscores`, in heads and in trailers.
class UnderscoresTest {
    private static final String BODY = "3\r\nabc\r\n0\r\n";
    private static final int PORT_DROP = Repository.freePort();
    private static final int PORT_PASS = Repository.freePort();
    private static final int PORT_REFUSE = Repository.freePort();
    private static ScriptedBackend backend;
    private static Fairlead fairlead;

    @BeforeAll
    static void start() throws IOException {
        backend = ScriptedBackend.answering(request -> ScriptedBackend.ok("fine"));
        fairlead = Fairlead.start("""
                listeners:
                  dropping: {protocol: http, address: "127.0.0.1:%d", upstream: app}
                  passing: {protocol: http, address: "127.0.0.1:%d", upstream: app, limits: {underscores: pass}}
                  refusing: {protocol: http, address: "127.0.0.1:%d", upstream: app, limits: {underscores: refuse}}
                upstreams:
                  app: {endpoints: ["%s"]}
                """.formatted(PORT_DROP, PORT_PASS, PORT_REFUSE, backend.address()));
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        try {
            fairlead.close();
        } finally {
            backend.close();
        }
    }

    @AfterEach
    void forget() {
        backend.forgetRequests();
    }

    private static Message exchange(int port, String request) throws IOException {
        try (Wire wire = Wire.to(port)) {
            return wire.send(request).response();
        }
    }

    private static String withField() {
        return "GET / HTTP/1.1\r\nHost: a\r\nX_User: root\r\nX-User: guest\r\n\r\n";
    }

    private static String withTrailer() {
        return "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + BODY
                + "X_Sum: 1\r\nX-Sum: 2\r\n\r\n";
    }

    @Test
    void dropsItUnlessToldOtherwise() throws IOException {
        assertThat(exchange(PORT_DROP, withField()).status()).isEqualTo(200);

        assertThat(backend.requests().getFirst().all("X_User")).isEmpty();
        assertThat(backend.requests().getFirst().all("X-User")).containsExactly("guest");
    }

    @Test
    void passesItOn() throws IOException {
        assertThat(exchange(PORT_PASS, withField()).status()).isEqualTo(200);

        assertThat(backend.requests().getFirst().all("X_User")).containsExactly("root");
        assertThat(backend.requests().getFirst().all("X-User")).containsExactly("guest");
    }

    @Test
    void refusesTheRequest() throws IOException {
        assertThat(exchange(PORT_REFUSE, withField()).status()).isEqualTo(400);

        assertThat(backend.requests()).isEmpty();
    }

    @Test
    void doesTheSameWithTrailers() throws IOException {
        assertThat(exchange(PORT_DROP, withTrailer()).status()).isEqualTo(200);
        assertThat(exchange(PORT_PASS, withTrailer()).status()).isEqualTo(200);

        Message dropped = backend.requests().get(0);
        Message passed = backend.requests().get(1);
        assertThat(dropped.trailer("X_Sum")).isEmpty();
        assertThat(dropped.trailer("X-Sum")).contains("2");
        assertThat(passed.trailer("X_Sum")).contains("1");
    }

    @Test
    void refusesTheTrailer() throws IOException {
        assertThat(exchange(PORT_REFUSE, withTrailer()).status()).isEqualTo(400);
    }
}
