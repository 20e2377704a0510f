package dev.fairlead.http.codec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.leak.NoLeaks;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(NoLeaks.class)
final class HopByHopTest {
    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            X: 1|Y: 2~X: 1,Y: 2
            Connection: close|X: 1~X: 1
            Connection: x|X: 1|Y: 2|x: 3~Y: 2
            Connection: , ,X ,\\tY|X: 1|Y: 2|Z: 3~Z: 3
            Connection: X|Connection: Y|X: 1|Y: 2|Z: 3~Z: 3
            X: 1|Connection: X|Y: 2~Y: 2
            Connection: X Y|X: 1|Y: 2~X: 1,Y: 2
            Connection: "X"|X: 1~X: 1
            Connection: XX|X: 1|XX: 2|XXX: 3~X: 1,XXX: 3
            Connection: Connection|X: 1~X: 1
            Connection: Connection|Connection: X|X: 1|Y: 2~Y: 2
            Keep-Alive: 5|Proxy-Connection: x|Upgrade: h2c|TE: gzip|X: 1~X: 1
            Connection: Content-Length, Cookie|Content-Length: 0|Cookie: c~Content-Length: 0,Cookie: c
            Connection: Authorization, Via, Content-Type|Authorization: a|Via: v|Content-Type: t~Authorization: a,Via: v,Content-Type: t
            Connection: X-Forwarded-For, Forwarded|X-Forwarded-For: a|Forwarded: b~X-Forwarded-For: a,Forwarded: b
            """)
    void removesWhatIsAboutTheConnection(String fields, String left) {
        String head = "GET / HTTP/1.1|Host: a|" + fields + "||";
        Reading reading =
                Reading.request(head.translateEscapes().replace("|", "\r\n").getBytes(ISO_8859_1));

        assertThat(String.join(",", reading.fields())).isEqualTo("Host: a," + left);
    }

    @ParameterizedTest
    @CsvSource({"Host", "host", "HOST"})
    void aClientCannotMakeTheHostVanish(String named) {
        Reading reading = Reading.request(
                ("GET / HTTP/1.1\r\nHost: a\r\nConnection: " + named + "\r\n\r\n").getBytes(ISO_8859_1));

        assertThat(reading.fields()).containsExactly("Host: a");
    }
}
