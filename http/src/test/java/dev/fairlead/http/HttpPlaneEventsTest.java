package dev.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.UpstreamHttp2Spec;
import dev.fairlead.leak.NoLeaks;
import java.io.EOFException;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Server-sent events, which are of use one by one, in every pair of versions over TCP.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class HttpPlaneEventsTest {
    private static final String ONE = "data: 1\n\n";
    private static final String TWO = "data: 2\n\n";

    @RegisterExtension
    final RunningPlane plane = new RunningPlane();

    /// The second is sent when the client has the first.
    private final CountDownLatch hasFirst = new CountDownLatch(1);

    private Backend http1() throws IOException {
        return new Backend((wire, _) -> {
            wire.request();
            wire.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
            wire.send("9\r\n" + ONE + "\r\n");
            hasFirst.await();
            wire.send("9\r\n" + TWO + "\r\n0\r\n\r\n");
        });
    }

    private Backend http2() throws IOException {
        return new Backend((socket, _) -> {
            H2Wire wire = new H2Wire(socket.socket()).accept();
            wire.request(1);
            wire.headers(1, false, ":status", "200", "content-type", "text/event-stream");
            wire.data(1, false, ONE);
            hasFirst.await();
            wire.data(1, true, TWO);
            wire.error();
        });
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 2", "2, 1", "2, 2"})
    void passesEachOnAsItComes(int client, int endpoint) throws Exception {
        plane.upstreamHttp2 = endpoint == 2 ? UpstreamHttp2Spec.DEFAULT : null;
        plane.start(endpoint == 2 ? http2() : http1());

        if (client == 2) {
            readHttp2();
        } else {
            readHttp1();
        }
    }

    private void readHttp1() throws IOException {
        try (Wire wire = plane.connect().send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")) {
            assertThat(wire.head()).containsIgnoringCase("text/event-stream");
            var read = new StringBuilder();
            readTo(ONE, wire, read);
            hasFirst.countDown();
            readTo("0\r\n\r\n", wire, read);
            assertThat(read).contains(TWO);
        }
    }

    private static void readTo(String end, Wire wire, StringBuilder read) throws IOException {
        while (!read.toString().endsWith(end)) {
            int next = wire.read();
            if (next < 0) {
                throw new EOFException(read.toString());
            }
            read.append((char) next);
        }
    }

    private void readHttp2() throws IOException {
        try (H2Wire wire = new H2Wire(plane.socket(0)).begin()) {
            H2Wire.Stream events = wire.get(1, "/").stream(1);
            wire.until(() -> events.text().equals(ONE));
            assertThat(events.isOver()).isFalse();
            hasFirst.countDown();
            assertThat(wire.answer(1).text()).isEqualTo(ONE + TWO);
        }
    }
}
