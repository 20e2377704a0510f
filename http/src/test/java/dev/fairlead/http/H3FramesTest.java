package dev.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.Http3Spec;
import dev.fairlead.config.TicketsSpec;
import dev.fairlead.config.TlsPolicy;
import dev.fairlead.config.TlsSpec;
import dev.fairlead.config.TlsSpec.HostAgreement;
import dev.fairlead.config.TlsSpec.UnknownName;
import dev.fairlead.leak.NoLeaks;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Where the frames of a request end, and where its stream does.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class H3FramesTest {
    private static final int FRAME_ERROR = 0x106;

    /// Of QPACK's static table, but for the host: `a.example`.
    private static final String FIELDS = "d7c15009612e6578616d706c65";

    private static final String GET = "01100000d1" + FIELDS;
    private static final String POST = "01100000d4" + FIELDS;

    @RegisterExtension
    final RunningPlane plane = new RunningPlane();

    @BeforeEach
    void speakIt(@TempDir Path folder) throws Exception {
        plane.tls = new TlsSpec(
                List.of(new Certified(folder).ec("ec", "a.example")),
                TlsPolicy.INTERMEDIATE,
                null,
                UnknownName.DEFAULT_CERTIFICATE,
                HostAgreement.CERTIFICATE,
                Duration.ofSeconds(10),
                64 << 10,
                new TicketsSpec(true, Duration.ofHours(12), null));
        plane.http3 = new Http3Spec(100, 128 << 10, Duration.ofHours(24), 0, 256);
    }

    private H3Client connect() throws Exception {
        return new H3Client(plane.plane().boundAddress(), "a.example");
    }

    private static H3Client.Stream send(H3Client client, String hex) throws Exception {
        return client.raw().bytes(Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex)));
    }

    /// In its head, behind a type of DATA, of a type in two bytes, behind a length, within a payload, and in a frame
    /// to be ignored.
    @ParameterizedTest
    @ValueSource(
            strings = {"0110", "0110000000", GET + "00", GET + "40", GET + "0043e8", GET + "000578", GET + "21057878"})
    void endsAConnectionOfAStreamThatEndsWithinAFrame(String sent) throws Exception {
        plane.start(Backend.echo());

        try (H3Client client = connect()) {
            send(client, sent).bareEnd();
            assertThat(client.closed()).isEqualTo(FRAME_ERROR);
        }
    }

    @Test
    void takesNoBodyForWholeThatWasCutOff() throws Exception {
        var received = new CompletableFuture<String>();
        plane.start(new Backend((wire, _) -> {
            wire.head();
            received.complete(wire.rest());
        }));

        try (H3Client client = connect()) {
            H3Client.Stream upload = send(client, POST + "0043e8" + "78".repeat(10));
            RunningPlane.until("it has come", () -> plane.endpoint().active() == 1);
            upload.bareEnd();
            assertThat(client.closed()).isEqualTo(FRAME_ERROR);
        }

        assertThat(received.get(40, TimeUnit.SECONDS)).contains("x").doesNotContain("0\r\n\r\n");
    }

    /// With lengths of one, two, four and eight bytes, a frame to be ignored, and one without a payload, byte by byte.
    @Test
    void findsTheEndsWhereverReadsEnd() throws Exception {
        plane.start(new Backend((wire, _) -> {
            String body = wire.request().body();
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Body: " + body + "\r\n\r\n");
        }));

        String request = POST + "000161" + "00400162" + "008000000163" + "00c00000000000000164" + "210278780000";
        try (H3Client client = connect()) {
            H3Client.Stream stream = client.raw();
            for (byte one : HexFormat.of().parseHex(request)) {
                stream.bytes(Unpooled.wrappedBuffer(new byte[] {one}));
            }
            stream.bareEnd().answer();
            assertThat(client.get("/").answer().status()).isEqualTo(200);
        }

        assertThat(plane.exchanges()).isEqualTo(2);
        assertThat(plane.faults("request_malformed")).isZero();
    }
}
