package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// One end of an exchange breaks: the other learns it, and never takes a part for the whole.
class BrokenEndsTest {
    private static ScriptedBackend backend;
    private static Fairlead fairlead;

    @BeforeAll
    static void start() throws IOException {
        backend = ScriptedBackend.playing(ScriptedBackend.Connection::awaitEnd);
        fairlead = Fairlead.start("""
                listeners:
                  web: {protocol: http, address: "127.0.0.1:%d", upstream: app}
                upstreams:
                  app: {endpoints: ["%s"], pool: {idle-timeout: 30s}}
                """.formatted(Repository.freePort(), backend.address()));
    }

    /// A client, before a server that plays `script` and knows no connection of an earlier test.
    private static Wire start(ScriptedBackend.Script script) throws IOException {
        backend.restart(script);
        await().until(() -> fairlead.metric("fairlead_endpoint_connections_open") == 0);
        return Wire.to(fairlead.port("web"));
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        try {
            fairlead.close();
        } finally {
            backend.close();
        }
    }

    @Test
    void endsTheServersConnectionWhenTheClientLeavesInItsRequest() throws IOException {
        try (Wire wire = start(ScriptedBackend.Connection::awaitEnd)) {
            wire.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhalf");
            await().until(() -> backend.accepted() == 1);
        }

        await().until(() -> backend.ended() == 1);
    }

    @Test
    void endsTheServersConnectionWhenTheClientLeavesBeforeTheResponse() throws IOException {
        Wire wire = start(ScriptedBackend.Connection::awaitEnd);
        wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        await().until(() -> backend.accepted() == 1);
        wire.socket().setSoLinger(true, 0);
        wire.close();

        await().until(() -> backend.ended() == 1);
    }

    @Test
    void endsTheServersConnectionWhenTheClientLeavesInTheResponse() throws IOException {
        try (Wire wire = start(connection -> {
            connection.request();
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            while (true) {
                connection.send("5\r\nhello\r\n");
                Thread.onSpinWait();
            }
        })) {
            wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(wire.in().readNBytes(100)).hasSize(100);
        }

        await().until(() -> backend.ended() == 1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"
            })
    void neverMakesAPartOfAResponseLookWhole(String part) throws IOException {
        try (Wire wire = start(connection -> {
            connection.request();
            connection.send(part);
        })) {
            wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            Optional<Message> answer = wire.responseIfAny();

            // The head may not have left yet: then a 502 is as honest.
            assertThat(answer.isEmpty() || !answer.get().whole() || answer.get().status() == 502)
                    .as(answer.toString())
                    .isTrue();
            assertThat(wire.isEnded() || answer.orElseThrow().status() == 502).isTrue();
        }
    }

    @Test
    void cutsAResponseThatIsResetToo() throws IOException {
        try (Wire wire = start(connection -> {
            connection.request();
            connection.send("HTTP/1.1 200 OK\r\n\r\nno length, so only a clean end is an end");
            connection.reset();
        })) {
            wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            Optional<Message> answer = wire.responseIfAny();

            assertThat(answer.isEmpty() || !answer.get().whole() || answer.get().status() == 502)
                    .as(answer.toString())
                    .isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 OK\r\n\r\n",
                "HTTP/2.0 200 OK\r\n\r\n",
                "no http at all\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
                "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nBad Name: x\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\nhello",
                ""
            })
    void answersBadGatewayForAResponseThatIsNone(String bytes) throws IOException {
        try (Wire wire = start(connection -> {
            connection.request();
            connection.send(bytes);
        })) {
            Message answer = wire.get("/");

            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.first("Proxy-Status").orElseThrow()).contains("error=");
        }
    }

    @Test
    void doesNotTakeExcessBytesForTheNextResponse() throws IOException {
        try (Wire wire = start(connection -> {
            while (connection.request().isPresent()) {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood"
                        + "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nplanted");
            }
        })) {
            for (int i = 0; i < 5; i++) {
                assertThat(wire.get("/" + i).text()).isEqualTo("good");
            }
        }
    }

    @Test
    void hidesThatAPooledConnectionEndedUnderAGet() throws IOException {
        // Every connection answers one request, says nothing of closing, and ends when the second arrives.
        try (Wire wire = start(connection -> {
            connection.request();
            connection.send(ScriptedBackend.ok("fine"));
            connection.request();
        })) {
            for (int i = 0; i < 20; i++) {
                assertThat(wire.get("/" + i).status()).as("request " + i).isEqualTo(200);
            }
        }
    }

    @Test
    void doesNotRepeatAPostThatAServerMayHaveTaken() throws IOException {
        try (Wire wire = start(connection -> {
            connection.request();
            connection.send(ScriptedBackend.ok("fine"));
            connection.request();
        })) {
            assertThat(wire.get("/").status()).isEqualTo(200);
            Message answer = wire.send("POST /once HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
                    .response();

            long times = backend.requests().stream()
                    .filter(request -> request.target().equals("/once"))
                    .count();
            assertThat(times).isEqualTo(1);
            assertThat(answer.status()).isEqualTo(502);
        }
    }
}
