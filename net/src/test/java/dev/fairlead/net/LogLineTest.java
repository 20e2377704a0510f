package dev.fairlead.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class LogLineTest {
    private long nowMillis = 1_795_444_730_007L;
    private final LogLine line = new LogLine(new LogRing(1 << 20), () -> nowMillis);

    @Test
    void writesJson() {
        line.time("time")
                .field("a", 0)
                .field("b", -12)
                .field("c", Long.MAX_VALUE)
                .field("d", Long.MIN_VALUE);
        line.field("text", "plain").field("absent", (String) null).millis("took", 1_234_567);
        assertThat(text())
                .isEqualTo("{\"time\":\"2026-11-23T14:38:50.007Z\",\"a\":0,\"b\":-12,\"c\":9223372036854775807,"
                        + "\"d\":-9223372036854775808,\"text\":\"plain\",\"took\":1.234}\n");
    }

    @Test
    void tellsTheTimeOfANewSecond() {
        line.time("t");
        text();
        nowMillis += 993;
        line.reset().time("t");
        assertThat(text()).isEqualTo("{\"t\":\"2026-11-23T14:38:51.000Z\"}\n");
    }

    @Test
    void escapesTextInJson() {
        line.field("t", "a\"b\\c\n\r\t\0\u007f\u0085\u2028\u2029é€😀\ud800x");
        assertThat(text())
                .isEqualTo(
                        "{\"t\":\"a\\\"b\\\\c\\u000a\\u000d\\u0009\\u0000\\u007f\\u0085\\u2028\\u2029é€😀\ufffdx\"}\n");
    }

    @Test
    void replacesWhatIsNotUtf8() {
        byte[] foreign = "é\u00ff\u00c0\u00af\u00ed\u00a0\u0080\u00f5\u00e2\u0082".getBytes(ISO_8859_1);
        byte[] mixed = new byte[foreign.length + 4];
        System.arraycopy("€x".getBytes(UTF_8), 0, mixed, 0, 4);
        System.arraycopy(foreign, 0, mixed, 4, foreign.length);
        line.field("t", mixed, 0, mixed.length);
        assertThat(text()).isEqualTo("{\"t\":\"€x" + "\ufffd".repeat(foreign.length) + "\"}\n");
    }

    @Test
    void readsBytesLikeTheJdkWhereTheyAreUtf8() {
        var random = new Random(3);
        for (int i = 0; i < 2_000; i++) {
            String any = random.ints(20, 0xA0, Character.MAX_CODE_POINT)
                    .filter(codePoint -> codePoint < 0xD800 || codePoint > 0xDFFF)
                    .filter(codePoint -> codePoint != 0x2028 && codePoint != 0x2029)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();
            byte[] bytes = any.getBytes(UTF_8);
            line.reset().field("t", bytes, 0, bytes.length);
            assertThat(text()).isEqualTo("{\"t\":\"" + any + "\"}\n");
            line.reset().field("t", any);
            assertThat(text()).isEqualTo("{\"t\":\"" + any + "\"}\n");
        }
    }

    @Test
    void writesTheCombinedFormat() {
        line.text("10.0.0.1").raw(" - ").text((String) null).raw(" ").ncsaTime().raw(" \"");
        line.text("GET /\"\\\r\né HTTP/1.1").raw("\" ").number(200).raw(" ").seconds(1_234_567_890L);
        assertThat(text())
                .isEqualTo("10.0.0.1 - - [23/Nov/2026:14:38:50 +0000] "
                        + "\"GET /\\x22\\x5c\\x0d\\x0a\\xc3\\xa9 HTTP/1.1\" 200 1.234\n");
    }

    @Test
    void isOneLineWhateverTheBytes() {
        var random = new Random(5);
        for (int i = 0; i < 5_000; i++) {
            byte[] foreign = new byte[random.nextInt(6_000)];
            random.nextBytes(foreign);
            line.reset();
            for (int k = 0; k < 1 + i % 8; k++) {
                line.field("f", foreign, 0, foreign.length).field("n", i);
            }
            assertOneLine("{\"f\":\"", "}");
            line.reset().raw("x ");
            for (int k = 0; k < 1 + i % 8; k++) {
                line.text(foreign, 0, foreign.length).raw(" ").number(i);
            }
            assertOneLine("x ", "");
        }
    }

    @Test
    void cutsALongTextAndStaysJson() {
        line.field("long", "\u0001".repeat(10_000)).field("next", 1);
        assertThat(text()).isEqualTo("{\"long\":\"" + "\\u0001".repeat(LogLine.TEXT_BYTES / 6) + "\",\"next\":1}\n");
    }

    private void assertOneLine(String begin, String end) {
        byte[] bytes = new byte[line.finish()];
        System.arraycopy(line.bytes(), 0, bytes, 0, bytes.length);
        assertThat(bytes.length).isLessThanOrEqualTo(LogLine.LINE_BYTES);
        for (int i = 0; i < bytes.length - 1; i++) {
            assertThat(bytes[i] >= 0 && bytes[i] < 0x20).isFalse();
        }
        assertThat(new String(bytes, UTF_8)).startsWith(begin).endsWith(end + "\n");
    }

    private String text() {
        return new String(line.bytes(), 0, line.finish(), UTF_8);
    }
}
