package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Every fault has its status, and a `Proxy-Status` (RFC 9209) that says whose fault it was.
class FaultTest {
    private static final int PORT = Repository.freePort();
    private static final int BARE = Repository.freePort();
    private static final CountDownLatch OVER = new CountDownLatch(1);
    private static final List<Socket> QUEUE = new ArrayList<>();
    private static ServerSocket deaf;
    private static NginxBackend nginx;
    private static ScriptedBackend silent;
    private static ScriptedBackend stalling;
    private static Fairlead fairlead;

    @BeforeAll
    static void start() throws IOException {
        nginx = NginxBackend.start("one");
        silent = ScriptedBackend.playing(connection -> {
            connection.request();
            OVER.await();
        });
        stalling = ScriptedBackend.playing(connection -> {
            connection.request();
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
            OVER.await();
        });
        deaf = deaf();
        fairlead = Fairlead.start("""
                listeners:
                  web:
                    protocol: http
                    address: "127.0.0.1:%1$d"
                    routes:
                      - {match: {path-prefix: /name}, upstream: half-dead}
                      - {match: {path-prefix: /dead}, upstream: dead}
                      - {match: {path-prefix: /silent}, upstream: silent}
                      - {match: {path-prefix: /stalling}, upstream: stalling}
                      - {match: {path-prefix: /full}, upstream: full}
                      - {match: {path-prefix: /deaf}, upstream: deaf}
                      - {match: {host: only.test, path: /here}, upstream: half-dead}
                  bare: {protocol: http, address: "127.0.0.1:%2$d", upstream: half-dead}
                upstreams:
                  half-dead: {endpoints: ["127.0.0.1:%3$d", "%4$s", "127.0.0.1:%5$d"]}
                  dead: {endpoints: ["127.0.0.1:%3$d", "127.0.0.1:%5$d"]}
                  silent: {endpoints: ["%6$s"], timeouts: {first-byte: 300ms}}
                  stalling: {endpoints: ["%7$s"], timeouts: {idle: 300ms}}
                  full: {endpoints: [{address: "%6$s", max-connections: 1}], timeouts: {first-byte: 60s}, queue: {max: 0}}
                  deaf: {endpoints: ["127.0.0.1:%8$d"], timeouts: {connect: 200ms}}
                """.formatted(
                        PORT,
                        BARE,
                        Repository.freePort(),
                        nginx.address(),
                        Repository.freePort(),
                        silent.address(),
                        stalling.address(),
                        deaf.getLocalPort()));
    }

    /// A server that listens and whose queue is full: the kernel drops what wants to connect.
    private static ServerSocket deaf() throws IOException {
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        while (true) {
            Socket socket = new Socket();
            try {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort()), 200);
                QUEUE.add(socket);
            } catch (SocketTimeoutException e) {
                socket.close();
                return server;
            }
        }
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        OVER.countDown();
        try {
            fairlead.close();
        } finally {
            nginx.close();
            silent.close();
            stalling.close();
            for (Socket socket : QUEUE) {
                socket.close();
            }
            deaf.close();
        }
    }

    private static Message get(String target) throws IOException {
        try (Wire wire = Wire.to(PORT)) {
            return wire.get(target);
        }
    }

    private static String why(Message answer) {
        return answer.first("Proxy-Status").orElseThrow(() -> new AssertionError("no Proxy-Status: " + answer));
    }

    @Test
    void passesDeadEndpointsOver() throws IOException {
        for (int i = 0; i < 60; i++) {
            assertThat(get("/name").status()).isEqualTo(200);
        }
    }

    @Test
    void servesManyClientsWhileEndpointsAreDead() throws InterruptedException {
        Load load = Load.on(BARE, 16);
        try (load) {
            org.awaitility.Awaitility.await().until(() -> load.answered() > 2_000);
        }

        assertThat(load.failures()).isEmpty();
        assertThat(load.refused()).isZero();
    }

    @Test
    void answersBadGatewayWhenAllEndpointsRefuse() throws IOException {
        Message answer = get("/dead");

        assertThat(answer.status()).isEqualTo(502);
        assertThat(why(answer)).contains("error=connection_refused");
    }

    @Test
    void answersGatewayTimeoutWhenNoResponseComes() throws IOException {
        Message answer = get("/silent");

        assertThat(answer.status()).isEqualTo(504);
        assertThat(why(answer)).containsAnyOf("error=http_response_timeout", "error=connection_read_timeout");
    }

    @Test
    void answersGatewayTimeoutWhenNoConnectionComesAbout() throws IOException {
        Message answer = get("/deaf");

        assertThat(answer.status()).isEqualTo(504);
        assertThat(why(answer)).contains("error=connection_timeout");
    }

    @Test
    void cutsAResponseThatStalls() throws IOException {
        try (Wire wire = Wire.to(PORT)) {
            Optional<Message> answer =
                    wire.send("GET /stalling HTTP/1.1\r\nHost: a\r\n\r\n").responseIfAny();

            assertThat(answer).hasValueSatisfying(part -> {
                assertThat(part.status()).isEqualTo(200);
                assertThat(part.whole()).isFalse();
            });
        }
    }

    @Test
    void answersUnavailableWhenTheEndpointHasAllItsConnections() throws IOException {
        try (Wire first = Wire.to(PORT)) {
            int before = silent.accepted();
            first.send("GET /full HTTP/1.1\r\nHost: a\r\n\r\n");
            org.awaitility.Awaitility.await().until(() -> silent.accepted() > before);
            Message answer = get("/full");

            assertThat(answer.status()).isEqualTo(503);
            assertThat(why(answer)).contains("error=connection_limit_reached");
        }
    }

    @Test
    void answersNotFoundForAPathThatNoRouteTakes() throws IOException {
        Message answer = get("/nowhere");

        assertThat(answer.status()).isEqualTo(404);
        assertThat(why(answer)).isNotEmpty();
    }

    @Test
    void answersNotFoundForAHostThatNoRouteTakes() throws IOException {
        Message answer = get("/here");

        assertThat(answer.status()).isEqualTo(404);
        assertThat(why(answer)).isNotEmpty();
    }

    @Test
    void keepsTheClientsConnectionAfterAFaultOfTheServer() throws IOException {
        try (Wire wire = Wire.to(PORT)) {
            assertThat(wire.get("/dead").status()).isEqualTo(502);
            assertThat(wire.get("/name").status()).isEqualTo(200);
        }
    }

    @Test
    void countsFaults() throws IOException {
        double before = fairlead.metric("fairlead_http_faults_total", "connection_refused");
        get("/dead");

        assertThat(fairlead.metric("fairlead_http_faults_total", "connection_refused"))
                .isEqualTo(before + 1);
    }
}
