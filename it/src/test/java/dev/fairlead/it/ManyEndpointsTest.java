package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A config of another size comes and goes: what is to be seen of it comes and goes with it.
class ManyEndpointsTest {
    private static final int LISTENERS = 250;
    private static final int ENDPOINTS = 40;
    private static final int WAIT_MILLIS = 60_000;

    private final int port = Repository.freePort();
    private ServerSocket server;
    private Fairlead fairlead;

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::giveBack);
        fairlead = Fairlead.start(yaml(1), "-Xmx512m");
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        try {
            fairlead.close();
        } finally {
            server.close();
        }
    }

    private void giveBack() {
        try {
            while (true) {
                try (Socket socket = server.accept()) {
                    socket.getInputStream().transferTo(socket.getOutputStream());
                }
            }
        } catch (IOException closed) {
            // The end of the test.
        }
    }

    /// Each listener has an address of its own, and all but the last of its endpoints are nowhere and have no weight.
    private String yaml(int listeners) {
        return """
                listeners:
                %s
                upstreams:
                %s
                drain-timeout: 1s
                """.formatted(
                        lines(
                                listeners,
                                i -> "  l%d: {protocol: tcp, address: \"%s:%d\", upstream: u%d}"
                                        .formatted(i, address(i), port, i)),
                        lines(
                                listeners,
                                i -> "  u%d: {endpoints: [%s, \"127.0.0.1:%d\"]}"
                                        .formatted(i, nowhere(i), server.getLocalPort())));
    }

    private static String lines(int count, IntFunction<String> line) {
        return IntStream.range(0, count).mapToObj(line).collect(Collectors.joining("\n"));
    }

    private static String nowhere(int upstream) {
        return IntStream.range(1, ENDPOINTS)
                .mapToObj(i -> "{address: \"10.1.%d.%d:80\", weight: 0}".formatted(upstream, i))
                .collect(Collectors.joining(", "));
    }

    private static String address(int listener) {
        return "127.1.1." + (listener + 1);
    }

    @Test
    void comeWithAReloadAndLeaveNothingBehind() throws Exception {
        answersAt(0);
        fairlead.reload(yaml(1), "done");
        List<String> before = series();

        fairlead.reload(yaml(LISTENERS), "done");

        assertThat(series())
                .filteredOn(each -> each.startsWith("fairlead_endpoint_up{"))
                .hasSize(LISTENERS * ENDPOINTS);
        assertThat(fairlead.admin("/upstreams").lines())
                .filteredOn(line -> line.contains("\"connect-failures\""))
                .hasSize(LISTENERS * ENDPOINTS);
        assertThat(fairlead.admin("/config").lines())
                .filteredOn(line -> line.contains("\"address\" : \"10.1."))
                .hasSize(LISTENERS * (ENDPOINTS - 1));
        answersAt(0);
        answersAt(LISTENERS / 2);
        answersAt(LISTENERS - 1);

        fairlead.reload(yaml(1), "done");

        await().atMost(Duration.ofMillis(WAIT_MILLIS)).until(() -> series().size() == before.size());
        assertThat(series()).isEqualTo(before);
        answersAt(0);
    }

    private void answersAt(int listener) throws IOException {
        try (Socket socket = new Socket(address(listener), port)) {
            socket.setSoTimeout(WAIT_MILLIS);
            socket.getOutputStream().write('x');
            assertThat(socket.getInputStream().read()).isEqualTo('x');
        }
    }

    /// Names and labels of all series, in the order of the page.
    private List<String> series() {
        return fairlead.admin("/metrics")
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.substring(0, line.lastIndexOf(' ')))
                .toList();
    }
}
