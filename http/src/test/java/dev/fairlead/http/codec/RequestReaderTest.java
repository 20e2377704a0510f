package dev.fairlead.http.codec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.HttpLimits;
import dev.fairlead.leak.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
final class RequestReaderTest {
    /// Head, and what is wrong with it. Written with `|` for CRLF.
    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', ignoreLeadingAndTrailingWhitespace = false, textBlock = """
            GET / HTTP/1.1\\nHost: a\\n\\n~BARE_LF
            GET / HTTP/1.1\\nHost: a||~BARE_LF
            GET / HTTP/1.1|Host: a\\n|~BARE_LF
            GET / HTTP/1.1|Host: a|\\n~BARE_LF
            \\nGET / HTTP/1.1|Host: a||~BARE_LF
            GET / HTTP/1.1|Host: a\\rX: b||~FIELD_VALUE
            GET / HTTP/1.1|Host: a\\r||~FIELD_VALUE
            \\rGET / HTTP/1.1|Host: a||~METHOD
             GET / HTTP/1.1|Host: a||~METHOD
            G@T / HTTP/1.1|Host: a||~METHOD
            GET|Host: a||~METHOD
            GET\\t/ HTTP/1.1|Host: a||~METHOD
            / HTTP/1.1|Host: a||~METHOD
            GET /|Host: a||~TARGET
            GET  / HTTP/1.1|Host: a||~TARGET
            GET HTTP/1.1|Host: a||~TARGET
            GET /a\\tb HTTP/1.1|Host: a||~TARGET
            GET /#f HTTP/1.1|Host: a||~TARGET
            GET /\\0 HTTP/1.1|Host: a||~TARGET
            GET /\\351 HTTP/1.1|Host: a||~TARGET
            GET a HTTP/1.1|Host: a||~TARGET
            GET * HTTP/1.1|Host: a||~TARGET
            OPTIONS ** HTTP/1.1|Host: a||~TARGET
            GET https://a/ HTTP/1.1|Host: a||~TARGET
            GET http:// HTTP/1.1|Host: a||~TARGET
            GET http:///x HTTP/1.1|Host: a||~TARGET
            GET http://u@a/ HTTP/1.1|Host: a||~TARGET
            GET http://:80/ HTTP/1.1|Host: :80||~TARGET
            GET /../x HTTP/1.1|Host: a||~DOT_SEGMENT
            GET /a/./x HTTP/1.1|Host: a||~DOT_SEGMENT
            GET /a/.. HTTP/1.1|Host: a||~DOT_SEGMENT
            GET /a/%2e%2E/x HTTP/1.1|Host: a||~DOT_SEGMENT
            GET /.%2e?q HTTP/1.1|Host: a||~DOT_SEGMENT
            GET http://a/.. HTTP/1.1|Host: a||~DOT_SEGMENT
            GET /  HTTP/1.1|Host: a||~VERSION
            GET / HTTP/1.1 |Host: a||~VERSION
            GET / x HTTP/1.1|Host: a||~VERSION
            GET / http/1.1|Host: a||~VERSION
            GET / HTTP/1,1|Host: a||~VERSION
            GET / HTTP/1.10|Host: a||~VERSION
            GET / HTTP/a.1|Host: a||~VERSION
            GET / HTTP/2.0|Host: a||~VERSION_UNSUPPORTED
            GET / HTTP/0.9|Host: a||~VERSION_UNSUPPORTED
            CONNECT a:443 HTTP/1.1|Host: a:443||~CONNECT_REFUSED
            GET / HTTP/1.1|Host : a||~FIELD_NAME
            GET / HTTP/1.1| Host: a||~FIELD_NAME
            GET / HTTP/1.1|: a|Host: a||~FIELD_NAME
            GET / HTTP/1.1|Host: a|X||~FIELD_NAME
            GET / HTTP/1.1|Host: a|X\\0: 1||~FIELD_NAME
            GET / HTTP/1.1|Host: a|X: 1| folded||~FIELD_NAME
            GET / HTTP/1.1|Host: a|X: a\\0b||~FIELD_VALUE
            GET / HTTP/1.1|Host: a|X: a\\13b||~FIELD_VALUE
            GET / HTTP/1.1|Host: a|X: a\\177||~FIELD_VALUE
            GET / HTTP/1.1||~HOST_MISSING
            GET / HTTP/1.1|Host: a|Host: a||~HOST_TWICE
            GET / HTTP/1.0|Host: a|host: b||~HOST_TWICE
            GET / HTTP/1.1|Host: a b||~HOST
            GET / HTTP/1.1|Host: a,b||~
            GET / HTTP/1.1|Host: a/b||~HOST
            GET / HTTP/1.1|Host: u@a||~HOST
            GET / HTTP/1.1|Host: a:||~
            GET / HTTP/1.1|Host: a:65536||~HOST
            GET / HTTP/1.1|Host: a:8x||~HOST
            GET / HTTP/1.1|Host: a:8:8||~HOST
            GET / HTTP/1.1|Host: [::1||~HOST
            GET / HTTP/1.1|Host: ::1]||~HOST
            GET / HTTP/1.1|Host: [::1]x||~HOST
            GET / HTTP/1.1|Host: [::1]:80||~
            GET / HTTP/1.1|Host: "a"||~HOST
            GET http://a/ HTTP/1.1|Host: b||~HOST_MISMATCH
            GET http://a/ HTTP/1.1|Host: a:80||~HOST_MISMATCH
            GET http://a/ HTTP/1.1||~HOST_MISSING
            POST / HTTP/1.1|Host: a|Content-Length: +1||~LENGTH
            POST / HTTP/1.1|Host: a|Content-Length: -1||~LENGTH
            POST / HTTP/1.1|Host: a|Content-Length: 1 1||~LENGTH
            POST / HTTP/1.1|Host: a|Content-Length: 0x1||~LENGTH
            POST / HTTP/1.1|Host: a|Content-Length: 1,1||~LENGTH
            POST / HTTP/1.1|Host: a|Content-Length:||~LENGTH
            POST / HTTP/1.1|Host: a|Content-Length: 9223372036854775808||~LENGTH
            POST / HTTP/1.1|Host: a|Content-Length: 1|Content-Length: 1||~LENGTH_TWICE
            POST / HTTP/1.1|Host: a|Content-Length: 1|content-length: 2||~LENGTH_TWICE
            POST / HTTP/1.1|Host: a|Content-Length: 1|Transfer-Encoding: chunked||~LENGTH_AND_CODING
            POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked|Content-Length: 0||~LENGTH_AND_CODING
            POST / HTTP/1.1|Host: a|Transfer-Encoding: identity||~CODING
            POST / HTTP/1.1|Host: a|Transfer-Encoding: gzip||~CODING
            POST / HTTP/1.1|Host: a|Transfer-Encoding:||~CODING
            POST / HTTP/1.1|Host: a|Transfer-Encoding: xchunked||~CODING
            POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked, gzip||~CODING
            POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked, chunked||~CODING
            POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked,||~CODING
            POST / HTTP/1.1|Host: a|Transfer-Encoding: "chunked"||~CODING
            POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked;q=1||~CODING
            POST / HTTP/1.1|Host: a|Transfer-Encoding: \\13chunked||~FIELD_VALUE
            POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked|Transfer-Encoding: chunked||~CODING
            POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked|Transfer-Encoding: identity||~CODING
            POST / HTTP/1.1|Host: a|Transfer-Encoding: gzip, chunked||~CODING_UNKNOWN
            POST / HTTP/1.0|Host: a|Transfer-Encoding: chunked||~CODING
            POST / HTTP/1.1|Host: a|Content-Length: 1|Expect: 200-ok||~EXPECTATION
            POST / HTTP/1.1|Host: a|Content-Length: 1|Expect: 100-continue|Expect: 200-ok||~EXPECTATION
            """)
    void refuses(String head, String error) {
        byte[] bytes = bytes(head.translateEscapes().replace("|", "\r\n"));
        String expected = error == null || error.isEmpty() ? Reading.WHOLE : error;

        Reading reading = Splits.everywhere(bytes, cuts -> Reading.request(bytes, cuts));

        assertThat(reading.outcome()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1|Host: a||",
                "||GET / HTTP/1.1|Host: a||",
                "GET / HTTP/1.0||",
                "OPTIONS * HTTP/1.1|Host: a||",
                "GET http://a HTTP/1.1|Host: A||",
                "GET http://a?x HTTP/1.1|Host: a||",
                "GET HTTP://a:80/x HTTP/1.1|Host: a:80||",
                "GET /.../..a/.x/%2e%2ea?../.. HTTP/1.1|Host: a||",
                "GET / HTTP/1.1|Host:||",
                "GET / HTTP/1.1|hOSt:\t a \t|X:\u00e9 \"|Y:||",
                "brew!#$%&'*+-.^_`~ / HTTP/1.1|Host: a||",
                "GET / HTTP/1.7|Host: a||",
                "POST / HTTP/1.1|Host: a|Content-Length: 0003||abc",
                "POST / HTTP/1.1|Host: a|Transfer-Encoding: Chunked||3;a=b|abc|0|T: 1||",
                "GET / HTTP/1.1|Host: a|Expect: 100-Continue||",
            })
    void takes(String head) {
        byte[] bytes = bytes(head.translateEscapes().replace("|", "\r\n"));

        Reading reading = Splits.everywhere(bytes, cuts -> Reading.request(bytes, cuts));

        assertThat(reading.outcome()).isEqualTo(Reading.WHOLE);
        assertThat(reading.end()).isEqualTo(bytes.length);
    }

    @Test
    void statusesAreThoseOfTheRfc() {
        for (HeadError error : HeadError.values()) {
            int expected = switch (error) {
                case TARGET_TOO_LONG -> 414;
                case HEAD_TOO_LARGE, TOO_MANY_FIELDS -> 431;
                case EXPECTATION -> 417;
                case METHOD_TOO_LONG, CODING_UNKNOWN, CONNECT_REFUSED -> 501;
                case VERSION_UNSUPPORTED -> 505;
                default -> 400;
            };
            assertThat(error.status()).as(error.name()).isEqualTo(expected);
        }
    }

    @Test
    void takesNoByteBeyondTheMessage() {
        String first = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab";
        byte[] both = bytes(first + "GET /b HTTP/1.1\r\nHost: a\r\n\r\n");

        Reading reading = Splits.everywhere(both, cuts -> Reading.request(both, cuts));

        assertThat(reading.end()).isEqualTo(first.length());
        assertThat(reading.body()).isEqualTo("ab");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            HTTP/1.1||~true
            HTTP/1.1|Connection: close||~false
            HTTP/1.1|Connection: x|Connection: a, CLOSE ,b||~false
            HTTP/1.1|Connection: closed, "close"||~true
            HTTP/1.0||~false
            HTTP/1.0|Connection: keep-alive||~true
            HTTP/1.0|Connection: keep-alive, close||~false
            """)
    void knowsWhetherTheConnectionGoesOn(String rest, boolean persistent) {
        byte[] bytes = bytes("GET / "
                + rest.replaceFirst("\\|", "|Host: a|").translateEscapes().replace("|", "\r\n"));

        assertThat(Reading.request(bytes).persistent()).isEqualTo(persistent);
    }

    @Test
    void passesTheStartLineAndEveryEndToEndLineOnAsItCame() {
        byte[] bytes = bytes(
                "GET /x?y HTTP/1.1\r\nHost: a\r\nConnection: Foo, host\r\nFoo: 1\r\nbAR:\t 2 \r\nTE: trailers\r\n\r\n");

        assertThat(Reading.request(bytes).forwarded())
                .isEqualTo("GET /x?y HTTP/1.1\r\nHost: a\r\nbAR:\t 2 \r\nTE: trailers\r\nConnection: TE\r\n\r\n");
    }

    @Test
    void writesAnotherVersionOrAnAbsoluteTargetAnew() {
        assertThat(Reading.request(bytes("GET http://a:1?q HTTP/1.1\r\nHost: A:1\r\n\r\n"))
                        .forwarded())
                .isEqualTo("GET /?q HTTP/1.1\r\nHost: A:1\r\n\r\n");
        assertThat(Reading.request(bytes("GET http://a/x HTTP/1.0\r\n\r\n")).forwarded())
                .isEqualTo("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(Reading.request(bytes("GET /x HTTP/1.0\r\n\r\n")).forwarded())
                .isEqualTo("GET /x HTTP/1.1\r\nHost: endpoint:80\r\n\r\n");
    }

    @Test
    void boundsTheTarget() {
        var limits = new HttpLimits(64, 1000, 10, 0);

        assertThat(outcome(limits, "GET /" + "x".repeat(63) + " HTTP/1.1\r\nHost: a\r\n\r\n"))
                .isEqualTo("whole");
        assertThat(outcome(limits, "GET /" + "x".repeat(64) + " HTTP/1.1\r\nHost: a\r\n\r\n"))
                .isEqualTo("TARGET_TOO_LONG");
        assertThat(outcome(limits, "GET /" + "x".repeat(200))).isEqualTo("TARGET_TOO_LONG");
        assertThat(outcome(limits, "X".repeat(200))).isEqualTo("METHOD_TOO_LONG");
        assertThat(outcome(limits, "\r\n".repeat(100))).isEqualTo("METHOD");
    }

    @Test
    void boundsTheHead() {
        var limits = new HttpLimits(64, 300, 3, 0);
        String start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
        int room = 300 - start.length() - 4;

        assertThat(outcome(limits, start + "x".repeat(room) + "\r\n\r\n")).isEqualTo("whole");
        assertThat(outcome(limits, start + "x".repeat(room + 1) + "\r\n\r\n")).isEqualTo("HEAD_TOO_LARGE");
        assertThat(outcome(limits, start + "x".repeat(room + 100))).isEqualTo("HEAD_TOO_LARGE");
        assertThat(outcome(limits, start + "\r\nY:\r\n\r\n")).isEqualTo("whole");
        assertThat(outcome(limits, start + "\r\nY:\r\nZ:\r\n\r\n")).isEqualTo("TOO_MANY_FIELDS");
    }

    @Test
    void takesAHeadLargerThanAnyOneReadBrings() {
        byte[] bytes = bytes("GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(30_000) + "\r\nY: z\r\n\r\nGET");

        Reading reading = Reading.request(bytes, 1023, 1024, 1025, 20_000);

        assertThat(reading).isEqualTo(Reading.request(bytes));
        assertThat(reading.outcome()).isEqualTo("whole");
        assertThat(reading.end()).isEqualTo(bytes.length - 3);
        assertThat(reading.fields()).hasSize(3).endsWith("Y: z");
    }

    private static String outcome(HttpLimits limits, String text) {
        byte[] bytes = bytes(text);
        return Splits.everywhere(bytes, cuts -> Reading.request(limits, bytes, cuts))
                .outcome();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }
}
