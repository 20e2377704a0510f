package dev.fairlead.http.message;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// The line `Date: ...CRLF` of this second (RFC 9110 §6.6.1), made once a second. Any thread.
public final class DateField {
    private static final DateTimeFormatter IMF_FIXDATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private static volatile Line now = new Line(0, new byte[0]);

    private record Line(long second, byte[] bytes) {}

    private DateField() {}

    public static byte[] line() {
        long second = System.currentTimeMillis() / 1000;
        Line line = now;
        if (line.second != second) {
            String text = "Date: " + IMF_FIXDATE.format(Instant.ofEpochSecond(second)) + "\r\n";
            line = new Line(second, text.getBytes(StandardCharsets.US_ASCII));
            now = line;
        }
        return line.bytes;
    }
}
