package dev.fairlead.net.probe;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.leak.NoLeaks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
final class HttpStatusReaderTest {
    private final HttpStatusReader reader = new HttpStatusReader();

    @ParameterizedTest
    @CsvSource({
        "'HTTP/1.1 200 OK\r\n', 200",
        "'HTTP/1.0 503 Service Unavailable\r\nA: b\r\n\r\nbody', 503",
        "'HTTP/1.1 204 \r\n', 204",
        "'HTTP/1.1 404\r\n', 404",
        "'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n', 200"
    })
    void tellsTheFinalStatus(String response, int status) {
        assertThat(read(response)).isEqualTo(status);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSH-2.0-OpenSSH_9.2\r\n",
                "HTTP/2 200 OK\r\n",
                "http/1.1 200 OK\r\n",
                "HTTP/1.1  200 OK\r\n",
                "HTTP/1.1 20 OK\r\n",
                "HTTP/1.1 2000 OK\r\n",
                "HTTP/1.1 099 OK\r\n",
                "HTTP/1.1 999 OK\r\n",
                " HTTP/1.1 200 OK\r\n",
                "\r\n"
            })
    void refusesWhatIsNoStatusLine(String response) {
        assertThat(read(response)).isEqualTo(HttpStatusReader.INVALID);
    }

    @Test
    void takesTheResponseByteByByte() {
        String response = "HTTP/1.1 100 Continue\r\nA: b\r\n\r\nHTTP/1.1 301 Moved\r";
        for (int i = 0; i < response.length(); i++) {
            assertThat(read(response.substring(i, i + 1))).isEqualTo(HttpStatusReader.MORE);
        }
        assertThat(read("\n")).isEqualTo(301);
    }

    @Test
    void readsNoMoreThanItsBound() {
        assertThat(read("HTTP/1.1 200 " + "x".repeat(HttpStatusReader.BYTES_MAX)))
                .isEqualTo(HttpStatusReader.INVALID);
    }

    private int read(String response) {
        ByteBuf buffer = Unpooled.copiedBuffer(response, ISO_8859_1);
        int status = reader.read(buffer);
        buffer.release();
        return status;
    }
}
