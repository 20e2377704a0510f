package dev.fairlead.http.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.leak.NoLeaks;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(NoLeaks.class)
class NormalPathTest {
    @ParameterizedTest
    @CsvSource({
        "/admin, /admin",
        "/%61dmin, /admin",
        "/%61%64%6D%69%6e/x%7E, /admin/x~",
        "/a%2fb, /a%2Fb",
        "/a%2Fb%20c, /a%2Fb%20c",
        "/%c3%a9%41, /%C3%A9A",
        "/%2525, /%2525",
        "/%25%36%31, /%2561",
        "/, /",
    })
    void decodesWhatNeedsNoEscapeAndNothingElse(String path, String normal) {
        var head = new RequestHead();
        byte[] bytes = (path + "?%61").getBytes(StandardCharsets.US_ASCII);
        head.fields().append(Unpooled.wrappedBuffer(bytes), bytes.length);
        head.target(0, path.length(), bytes.length);

        NormalPath.give(head);

        assertThat(head.fields().text(head.normalStart(), head.normalEnd())).isEqualTo(normal);
        assertThat(head.targetText()).as("stays as it is written").isEqualTo(path + "?%61");
        if (path.equals(normal)) {
            assertThat(head.normalStart()).as("no copy").isZero();
        }
    }
}
