package dev.fairlead.http.codec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.http.message.Method;
import dev.fairlead.leak.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(NoLeaks.class)
final class ResponseReaderTest {
    /// Written with `|` for CRLF.
    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', ignoreLeadingAndTrailingWhitespace = false, textBlock = """
            HTTP/1.1 200 OK\\n\\n~BARE_LF
            |HTTP/1.1 200 OK||~START_LINE
            http/1.1 200 OK||~START_LINE
            HTTP/2.0 200 OK||~START_LINE
            HTTP/1.1  200 OK||~START_LINE
            HTTP/1.1 20 OK||~START_LINE
            HTTP/1.1 2000 OK||~START_LINE
            HTTP/1.1 099 OK||~START_LINE
            HTTP/1.1 600 OK||~START_LINE
            HTTP/1.1 +20 OK||~START_LINE
            HTTP/1.1 200\\tOK||~START_LINE
            HTTP/1.1 200 O\\0K||~START_LINE
            HTTP/1.1 200 OK\\r||~START_LINE
            HTTP/1.1 101 Switching Protocols|Upgrade: x||~UPGRADE_UNASKED
            HTTP/1.1 200 OK|X : 1||~FIELD_NAME
            HTTP/1.1 200 OK|X: 1| folded||~FIELD_NAME
            HTTP/1.1 200 OK|Content-Length: x||~LENGTH
            HTTP/1.1 200 OK|Content-Length: 1, 1||~LENGTH
            HTTP/1.1 200 OK|Content-Length: 1|Content-Length: 1||~LENGTH_TWICE
            HTTP/1.1 200 OK|Content-Length: 1|Transfer-Encoding: chunked||~LENGTH_AND_CODING
            HTTP/1.1 200 OK|Transfer-Encoding: gzip||~CODING
            HTTP/1.1 200 OK|Transfer-Encoding: gzip, chunked||~CODING_UNKNOWN
            HTTP/1.1 200 OK|Transfer-Encoding: chunked|Transfer-Encoding: chunked||~CODING
            HTTP/1.1 304 Not Modified|Content-Length: x||~LENGTH
            """)
    void refuses(String head, String error) {
        assertThat(read(Method.GET, head).outcome()).isEqualTo(error);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            GET~HTTP/1.1 200 OK|Content-Length: 2||abHTTP~200~ab~4
            GET~HTTP/1.1 200|Content-Length: 2||abHTTP~200~ab~4
            GET~HTTP/1.1 200 |Transfer-Encoding: chunked||1|a|0||HTTP~200~a~4
            GET~HTTP/1.1 200 OK||abHTTP~200 until close~abHTTP~0
            GET~HTTP/1.0 200 OK||abHTTP~200 until close~abHTTP~0
            HEAD~HTTP/1.1 200 OK|Content-Length: 2||HTTP~200 bodiless~``~4
            HEAD~HTTP/1.1 200 OK|Transfer-Encoding: chunked||HTTP~200 bodiless~``~4
            HEAD~HTTP/1.1 200 OK||HTTP~200 bodiless~``~4
            GET~HTTP/1.1 204 No Content|Content-Length: 2||HTTP~204 bodiless~``~4
            GET~HTTP/1.1 304 Not Modified|Content-Length: 2||HTTP~304 bodiless~``~4
            GET~HTTP/1.1 100 Continue||HTTP~100 bodiless~``~4
            GET~HTTP/1.1 103 Early Hints|Content-Length: 2||HTTP~103 bodiless~``~4
            """)
    void findsTheEnd(Method asked, String text, String start, String body, int left) {
        Reading reading = read(asked, text);

        assertThat(reading.outcome()).isEqualTo("whole");
        assertThat(reading.start()).isEqualTo(start);
        assertThat(reading.body()).isEqualTo(body);
        assertThat(text.translateEscapes().replace("|", "\r\n").length() - reading.end())
                .isEqualTo(left);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            HTTP/1.1 200 OK|Content-Length: 0||~true
            HTTP/1.1 200 OK|Content-Length: 0|Connection: Close||~false
            HTTP/1.1 200 OK||~false
            HTTP/1.0 200 OK|Content-Length: 0||~false
            HTTP/1.0 200 OK|Content-Length: 0|Connection: keep-alive||~true
            HTTP/1.0 200 OK|Transfer-Encoding: chunked|Connection: keep-alive||0||~false
            """)
    void knowsWhetherTheConnectionGoesOn(String text, boolean persistent) {
        assertThat(read(Method.GET, text).persistent()).isEqualTo(persistent);
    }

    @Test
    void forgetsALengthThatMustNotBeThere() {
        assertThat(read(Method.GET, "HTTP/1.1 204 X|Content-Length: 5||").fields())
                .isEmpty();
        assertThat(read(Method.GET, "HTTP/1.1 304 X|Content-Length: 5||").fields())
                .containsExactly("Content-Length: 5");
    }

    @Test
    void keepsStatusAndReasonAndDropsWhatIsAboutTheConnection() {
        Reading reading =
                read(Method.GET, "HTTP/1.0 299 Very \u00e9 fine|Date: x|Connection: close, A|A: 1|Content-Length: 0||");

        assertThat(reading.forwarded())
                .isEqualTo(
                        "HTTP/1.1 299 Very \u00e9 fine\r\nDate: x\r\nContent-Length: 0\r\nVia: 1.1 fairlead\r\n\r\n");
    }

    @Test
    void boundsTheHead() {
        assertThat(read(Method.GET, "HTTP/1.1 200 " + "x".repeat(4100)).outcome())
                .isEqualTo("START_LINE");
        byte[] large = ("HTTP/1.1 200 OK\r\nX: " + "x".repeat(70_000)).getBytes(ISO_8859_1);
        assertThat(Reading.response(Method.GET, large).outcome()).isEqualTo("HEAD_TOO_LARGE");
        assertThat(read(Method.GET, "HTTP/1.1 200 OK|" + "X:|".repeat(257)).outcome())
                .isEqualTo("TOO_MANY_FIELDS");
    }

    private static Reading read(Method asked, String text) {
        byte[] bytes = text.translateEscapes().replace("|", "\r\n").getBytes(ISO_8859_1);
        return Splits.everywhere(bytes, cuts -> Reading.response(asked, bytes, cuts));
    }
}
