package dev.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metric;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What costs a client of HTTP/2 little and us more: it is told to calm down, and loses the connection and all that
/// it has asked for.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class H2GuardTest {
    private static final byte[] NOTHING = {};

    @RegisterExtension
    final RunningPlane plane = new RunningPlane();

    private interface Flood {
        void send(H2Wire client) throws IOException;
    }

    /// With one request under way, which has to be let go of.
    private void isStopped(String guard, Flood flood) throws Exception {
        var asked = new CountDownLatch(1);
        plane.start(new Backend((wire, _) -> {
            wire.request();
            asked.countDown();
            wire.read();
        }));

        try (H2Wire client = new H2Wire(plane.socket(0)).begin()) {
            client.get(1, "/held");
            asked.await();
            try {
                flood.send(client);
            } catch (IOException _) {
                // It was stopped before it was all sent.
            }
            assertThat(client.error()).isEqualTo(H2Wire.ENHANCE_YOUR_CALM);
        }

        RunningPlane.until("the endpoint is let go", () -> plane.endpoint().active() == 0);
        assertThat(plane.metrics.counter(Metric.HTTP2_GUARDS, "web", guard).value())
                .isEqualTo(1);
    }

    @Test
    void stopsRapidReset() throws Exception {
        isStopped("reset", client -> {
            for (int stream = 3; stream < 2000; stream += 2) {
                client.get(stream, "/").reset(stream, H2Wire.CANCEL);
            }
        });
        assertThat(plane.exchanges()).isLessThan(300);
    }

    @Test
    void stopsWhoMakesUsReset() throws Exception {
        isStopped("reset", client -> {
            for (int stream = 3; stream < 2000; stream += 2) {
                client.get(stream, "/").window(stream, 0x7fff_ffff);
            }
        });
    }

    @Test
    void stopsMalformedRequests() throws Exception {
        isStopped("reset", client -> {
            for (int stream = 3; stream < 2000; stream += 2) {
                client.get(stream, "/", "X", "1");
            }
        });
    }

    @Test
    void stopsPings() throws Exception {
        isStopped("ping", client -> client.send(repeated(20_000, H2Wire.frameOf(H2Wire.PING, 0, 0, new byte[8]))));
    }

    @Test
    void stopsSettings() throws Exception {
        isStopped("settings", client -> client.send(repeated(2000, H2Wire.frameOf(H2Wire.SETTINGS, 0, 0, NOTHING))));
    }

    @Test
    void stopsEmptyData() throws Exception {
        isStopped(
                "empty-data",
                client -> client.request(3, false, "POST", "/")
                        .send(repeated(2000, H2Wire.frameOf(H2Wire.DATA, 0, 3, NOTHING))));
    }

    @Test
    void stopsPriorities() throws Exception {
        isStopped(
                "priority",
                client -> client.send(repeated(20_000, H2Wire.frameOf(H2Wire.PRIORITY, 0, 9, new byte[5]))));
    }

    @Test
    void stopsWindowsOpenedByLittle() throws Exception {
        isStopped(
                "window-update",
                client -> client.send(repeated(20_000, H2Wire.frameOf(H2Wire.WINDOW_UPDATE, 0, 0, H2Wire.number(1)))));
    }

    @Test
    void stopsUnknownFrames() throws Exception {
        isStopped("unknown", client -> client.send(repeated(20_000, H2Wire.frameOf(99, 0, 0, NOTHING))));
    }

    @Test
    void stopsHeadsInTooManyPieces() throws Exception {
        isStopped(
                "head",
                client -> client.frame(H2Wire.HEADERS, 0, 3, H2Wire.block(":method", "GET"))
                        .send(repeated(2000, H2Wire.frameOf(H2Wire.CONTINUATION, 0, 3, NOTHING))));
    }

    @Test
    void givesUpOnHeadsFarAboveTheLimit() throws Exception {
        plane.start(Backend.echo());
        byte[] piece = H2Wire.block("x", "y".repeat(16_000));

        try (H2Wire client = new H2Wire(plane.socket(0)).begin()) {
            client.frame(H2Wire.HEADERS, 0, 3, H2Wire.block(":method", "GET"))
                    .send(repeated(10, H2Wire.frameOf(H2Wire.CONTINUATION, 0, 3, piece)));
            assertThat(client.error()).isEqualTo(H2Wire.PROTOCOL_ERROR);
        }
    }

    /// A few octets that stand for a field of 4000, over and over.
    @Test
    void answersAnHpackBombWithoutUnpackingIt() throws Exception {
        plane.start(Backend.echo());
        byte[] field = H2Wire.block("x", "y".repeat(3900));
        field[0] = 0x40;

        try (H2Wire client = new H2Wire(plane.socket(0)).begin()) {
            client.get(1, "/").answer(1);
            byte[] bomb = new byte[16_000];
            Arrays.fill(bomb, (byte) 0xbe);
            client.frame(H2Wire.HEADERS, 0, 3, field).frame(H2Wire.CONTINUATION, H2Wire.END_HEADERS, 3, bomb);
            assertThat(client.answer(3).status()).isEqualTo(431);
            assertThat(client.get(5, "/on").answer(5).text()).isEqualTo("/on");
        }
    }

    @Test
    void refusesMoreStreamsThanItSaid() throws Exception {
        var go = new CountDownLatch(1);
        plane.start(new Backend((wire, _) -> {
            wire.request();
            go.await();
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        }));

        try (H2Wire client = new H2Wire(plane.socket(0)).begin()) {
            for (int stream = 1; stream <= 201; stream += 2) {
                client.get(stream, "/");
            }
            assertThat(client.answer(201).reset).isEqualTo(H2Wire.REFUSED_STREAM);
            go.countDown();
            for (int stream = 1; stream < 201; stream += 2) {
                assertThat(client.answer(stream).status()).isEqualTo(200);
            }
        }
    }

    private static byte[] repeated(int times, byte[] frame) {
        byte[] all = new byte[times * frame.length];
        for (int i = 0; i < times; i++) {
            System.arraycopy(frame, 0, all, i * frame.length, frame.length);
        }
        return all;
    }
}
