package dev.fairlead.http.codec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.leak.NoLeaks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
final class BodyReaderTest {
    @Test
    void endsAfterTheLength() {
        assertThat(read(0, "next")).extracting(Reading::body, Reading::end).containsExactly("", 0);
        assertThat(read(3, "abcnext")).extracting(Reading::body, Reading::end).containsExactly("abc", 3);
        assertThat(read(8, "abcnext").outcome()).isEqualTo("unfinished");
    }

    @Test
    void takesTheFramingOfChunksOff() {
        Reading reading = read(-1, "3\r\nabc\r\n00A\r\n0123456789\r\n0\r\n\r\nnext");

        assertThat(reading.body()).isEqualTo("abc0123456789");
        assertThat(reading.end()).isEqualTo(30);
    }

    @Test
    void dropsExtensions() {
        Reading reading = read(-1, "1;a\r\nx\r\n1;a=\"b;c\";d\t=e\r\ny\r\n0;z\r\n\r\n");

        assertThat(reading.body()).isEqualTo("xy");
    }

    @Test
    void keepsTrailersThatMayStandThere() {
        Reading reading = read(
                -1,
                "1\r\nx\r\n0\r\nDigest: a\r\nContent-Length: 5\r\nHost: b\r\nTransfer-Encoding: chunked\r\n"
                        + "Authorization: c\r\nX-Forwarded-For: d\r\nConnection: Gone\r\nGone: e\r\nX: f\r\n\r\n");

        assertThat(reading.trailers()).containsExactly("Digest: a", "X: f");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\r\n",
                ";a\r\n",
                "g\r\n",
                "0x1\r\nx\r\n",
                "+1\r\nx\r\n",
                "-1\r\nx\r\n",
                " 1\r\nx\r\n",
                "1 \r\nx\r\n",
                "1 ;a\r\nx\r\n",
                "1\nx\r\n",
                "1\rx\r\n",
                "1\r\rx\r\n",
                "1;a\nx\r\n",
                "1;a\r\r\nx\r\n",
                "1;\u00e9\r\nx\r\n",
                "1;\0\r\nx\r\n",
                "1\r\nxy\r\n0\r\n\r\n",
                "1\r\nx0\r\n\r\n",
                "1\r\nx\n0\r\n\r\n",
                "1\r\nx\r0\r\n\r\n",
                "1000000000000000\r\nx",
                "ffffffffffffffff\r\nx",
                "0\r\nno colon\r\n\r\n",
                "0\r\nX: 1\n\r\n",
                "0\r\n X: 1\r\n\r\n",
                "0\r\n\n",
            })
    void refuses(String body) {
        assertThat(read(-1, body).outcome()).isEqualTo("CHUNK");
    }

    @Test
    void boundsWhatStandsBesideTheBody() {
        assertThat(read(-1, "1;" + "x".repeat(250) + "\r\nx\r\n0\r\n\r\n").outcome())
                .isEqualTo("whole");
        assertThat(read(-1, "1;" + "x".repeat(300)).outcome()).isEqualTo("CHUNK");
        assertThat(read(-1, "0\r\nX: " + "x".repeat(9000)).outcome()).isEqualTo("CHUNK");
        assertThat(read(-1, "0\r\n" + "X: 1\r\n".repeat(65)).outcome()).isEqualTo("CHUNK");
    }

    @Test
    void hasNoTrailersOfABodyBefore() {
        var body = new BodyReader(Reading.LIMITS.underscores());
        body.chunked();
        assertThat(readAll(body, "0\r\nX: 1\r\n\r\n")).isEqualTo(BodyReader.Found.END);
        assertThat(Reading.fields(body.trailers())).containsExactly("X: 1");

        body.length(0);
        assertThat(readAll(body, "")).isEqualTo(BodyReader.Found.END);

        assertThat(body.trailers()).isNull();
    }

    @Test
    void givesWhatComesUntilTheEndOfTheConnection() {
        var body = new BodyReader(Reading.LIMITS.underscores());
        body.untilClose();

        assertThat(readAll(body, "")).isEqualTo(BodyReader.Found.MORE);
        assertThat(readAll(body, "0\r\n\r\n")).isEqualTo(BodyReader.Found.PIECE);
        ByteBuf piece = body.takePiece();
        assertThat(piece.toString(ISO_8859_1)).isEqualTo("0\r\n\r\n");
        piece.release();
    }

    private static BodyReader.Found readAll(BodyReader body, String text) {
        return body.read(Unpooled.wrappedBuffer(text.getBytes(ISO_8859_1)));
    }

    private static Reading read(long length, String text) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        return Splits.everywhere(bytes, cuts -> Reading.body(length, bytes, cuts));
    }
}
