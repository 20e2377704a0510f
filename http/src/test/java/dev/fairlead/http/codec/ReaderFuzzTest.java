package dev.fairlead.http.codec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fairlead.http.message.Method;
import dev.fairlead.leak.NoLeaks;
import java.util.stream.IntStream;
import org.junit.jupiter.api.extension.ExtendWith;

/// The readers against any bytes: however the network cuts a message, it is the same one; Netty's codec reads in it
/// what we read; and what we pass on is that, and nothing besides.
///
/// With `JAZZER_FUZZ=1` these look for new inputs (CONTRIBUTING.md); else they read the kept ones again.
@ExtendWith(NoLeaks.class)
final class ReaderFuzzTest {
    @FuzzTest(maxDuration = "4m")
    void requests(byte[] bytes) {
        Reading ours = Reading.request(bytes);
        assertThat(Reading.request(bytes, every(bytes))).isEqualTo(ours);
        if (ours.isWhole()) {
            String text = new String(bytes, ISO_8859_1);
            DifferentialFuzzTest.assertSame(text, ours);
            DifferentialFuzzTest.assertForwarded(text, ours);
        }
    }

    @FuzzTest(maxDuration = "4m")
    void responses(byte[] bytes) {
        for (Method asked : new Method[] {Method.GET, Method.HEAD}) {
            Reading ours = Reading.response(asked, bytes);
            assertThat(Reading.response(asked, bytes, every(bytes))).isEqualTo(ours);
            if (ours.isWhole()) {
                DifferentialFuzzTest.assertSameResponse(asked == Method.HEAD, new String(bytes, ISO_8859_1), ours);
            }
        }
    }

    @FuzzTest(maxDuration = "4m")
    void chunks(byte[] bytes) {
        Reading ours = Reading.body(-1, bytes);
        assertThat(Reading.body(-1, bytes, every(bytes))).isEqualTo(ours);
        assertThat(ours.body().length()).isLessThanOrEqualTo(bytes.length);
    }

    private static int[] every(byte[] bytes) {
        return IntStream.range(1, bytes.length).toArray();
    }
}
