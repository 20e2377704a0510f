package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// WebSockets through the real program: clients and servers are the JDK's, Node's `ws` and a browser.
class WebSocketTest {
    private static final Path NODE = Repository.ROOT.resolve("it/node");

    private static Fairlead start(String endpoint) throws IOException {
        return Fairlead.start("""
                listeners:
                  web: {protocol: http, address: "127.0.0.1:%d", upstream: app}
                upstreams:
                  app: {endpoints: ["%s"]}
                drain-timeout: 5s
                access-log: {path: "stderr"}
                """.formatted(Repository.freePort(), endpoint));
    }

    /// The same by way of a second listener, which is spoken HTTP/2 to: there a stream is the tunnel (RFC 8441).
    private static Fairlead startOverHttp2(String endpoint) throws IOException {
        return Fairlead.start("""
                listeners:
                  web: {protocol: http, address: "127.0.0.1:%1$d", upstream: behind}
                  behind: {protocol: http, address: "127.0.0.1:%2$d", upstream: app}
                upstreams:
                  behind: {endpoints: ["127.0.0.1:%2$d"], http2: {}}
                  app: {endpoints: ["%3$s"]}
                drain-timeout: 1s
                access-log: {path: "stderr"}
                """.formatted(Repository.freePort(), Repository.freePort(), endpoint));
    }

    /// What the JDK's client hears, as words.
    private static final class Heard implements WebSocket.Listener {
        final LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();
        private int size;

        String next() throws InterruptedException {
            return events.poll(15, TimeUnit.SECONDS);
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                events.add("text " + text);
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            size += data.remaining();
            if (last) {
                events.add("binary " + size);
                size = 0;
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onPong(WebSocket socket, ByteBuffer data) {
            events.add("pong " + data.remaining());
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            events.add("close " + status + " " + reason);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            events.add("error");
        }
    }

    private static WebSocket connect(Fairlead fairlead, Heard heard) throws IOException {
        return HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + fairlead.port("web") + "/chat"), heard)
                .join();
    }

    @Test
    void theJdksClientTalks() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.playing(WebSocketScript::echo);
                Fairlead fairlead = start(backend.address())) {
            var heard = new Heard();
            WebSocket socket = connect(fairlead, heard);
            socket.sendText("hello", true).join();
            assertThat(heard.next()).isEqualTo("text hello");
            socket.sendPing(ByteBuffer.allocate(7)).join();
            assertThat(heard.next()).isEqualTo("pong 7");
            for (int piece = 0; piece < 16; piece++) {
                socket.sendBinary(ByteBuffer.allocate(256 << 10), piece == 15).join();
            }
            assertThat(heard.next()).isEqualTo("binary " + (4 << 20));

            assertThat(fairlead.metric("fairlead_http_tunnels_open")).isEqualTo(1);
            assertThat(fairlead.metric("fairlead_endpoint_active")).isEqualTo(1);
            assertThat(fairlead.command(0, "show")).containsPattern("web +http +socket +\\S+ +1 +1 +-\n");

            socket.sendClose(4000, "enough").join();
            assertThat(heard.next()).isEqualTo("close 4000 enough");
            await().until(() -> fairlead.metric("fairlead_http_tunnels_open") == 0);
            assertThat(fairlead.metric("fairlead_endpoint_active")).isZero();
            await().until(() -> fairlead.log().contains("\"status\":101"));
            assertThat(fairlead.log()).contains("\"tunnel\":\"closed\"");
        }
    }

    @Test
    void theJdksClientTalksOverAStreamOfHttp2() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.playing(WebSocketScript::echo);
                Fairlead fairlead = startOverHttp2(backend.address())) {
            for (int i = 0; i < 3; i++) {
                var heard = new Heard();
                WebSocket socket = connect(fairlead, heard);
                socket.sendText("hello", true).join();
                assertThat(heard.next()).isEqualTo("text hello");
                for (int piece = 0; piece < 16; piece++) {
                    socket.sendBinary(ByteBuffer.allocate(256 << 10), piece == 15)
                            .join();
                }
                assertThat(heard.next()).isEqualTo("binary " + (4 << 20));
                socket.sendClose(4000, "enough").join();
                assertThat(heard.next()).isEqualTo("close 4000 enough");
            }

            await().until(() -> fairlead.metric("fairlead_http_tunnels_open") == 0);
            assertThat(fairlead.metric("fairlead_http2_exchanges_total", "listener=\"behind\""))
                    .isEqualTo(3);
            assertThat(fairlead.metric("fairlead_endpoint_connections_open", "upstream=\"behind\""))
                    .isLessThanOrEqualTo(2);
        }
    }

    @Test
    void anEndpointThatDiesIsSeen() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.playing(connection -> {
                    WebSocketScript.shakeHands(connection);
                    connection.in().read();
                    connection.reset();
                });
                Fairlead fairlead = start(backend.address())) {
            var heard = new Heard();
            WebSocket socket = connect(fairlead, heard);
            socket.sendText("die", true).join();

            assertThat(heard.next()).isEqualTo("error");
            await().until(() -> fairlead.metric("fairlead_http_tunnels_total", "outcome=\"reset\"") == 1);
        }
    }

    /// It would go on for ever: the drain waits as long as it was told to, and then cuts.
    @Test
    void aDrainEndsIt() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.playing(WebSocketScript::echo);
                Fairlead fairlead = start(backend.address())) {
            var heard = new Heard();
            WebSocket socket = connect(fairlead, heard);
            fairlead.signal("TERM");
            await().until(() -> fairlead.log().contains("drain begun"));
            socket.sendText("still there", true).join();
            assertThat(heard.next()).isEqualTo("text still there");

            // Reset, or ended without a word of WebSocket.
            assertThat(heard.next()).isIn("error", "close 1006 ");
            fairlead.awaitExit(Duration.ofSeconds(60));
            assertThat(fairlead.log()).contains("\"tunnel\":\"drained\"");
        }
    }

    @Test
    void nodesClientAndServerTalk() throws Exception {
        try (Child server = node();
                Fairlead fairlead = start("127.0.0.1:" + portOf(server))) {
            Child.Result client =
                    Child.run(NODE, "node", "client.js", "ws://127.0.0.1:" + fairlead.port("web") + "/chat");
            assertThat(new String(client.output(), java.nio.charset.StandardCharsets.UTF_8) + client.errors())
                    .isEqualTo("ok\n");
        }
    }

    @Test
    void nodesClientAndServerTalkOverAStreamOfHttp2() throws Exception {
        try (Child server = node();
                Fairlead fairlead = startOverHttp2("127.0.0.1:" + portOf(server))) {
            Child.Result client =
                    Child.run(NODE, "node", "client.js", "ws://127.0.0.1:" + fairlead.port("web") + "/chat");
            assertThat(new String(client.output(), java.nio.charset.StandardCharsets.UTF_8) + client.errors())
                    .isEqualTo("ok\n");
        }
    }

    @Test
    void aPageInABrowserTalks() throws Exception {
        try (Child server = node();
                Fairlead fairlead = start("127.0.0.1:" + portOf(server));
                Chromium browser = Chromium.open("http://127.0.0.1:" + fairlead.port("web") + "/")) {
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> server.output().contains("result ") || !browser.isAlive());

            assertThat(server.output()).contains("result true 4001 true");
        }
    }

    /// The server of `it/node`, or a skipped test.
    private static Child node() throws IOException {
        assumeTrue(
                Files.isDirectory(NODE.resolve("node_modules/ws")),
                "SKIPPED: no `ws` for Node; .ci/run installs it, or `npm ci` in it/node");
        return Child.start(NODE, List.of("node", "backend.js"));
    }

    private static int portOf(Child server) {
        Pattern port = Pattern.compile("port (\\d+)");
        await().until(() -> port.matcher(server.output()).find());
        Matcher matcher = port.matcher(server.output());
        assertThat(matcher.find()).isTrue();
        return Integer.parseInt(matcher.group(1));
    }
}
