package dev.fairlead.http.cache;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Dates in fields, in all three of their forms (RFC 9110 §5.6.7), as seconds since 1970.
final class HttpDate {
    /// It is no date.
    static final long NONE = Long.MIN_VALUE;

    private static final DateTimeFormatter IMF_FIXDATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.ENGLISH);
    /// Two digits of a year are those of 1970 to 2069: RFC 9110 §5.6.7 has them within 50 years from now.
    private static final DateTimeFormatter RFC_850 = new DateTimeFormatterBuilder()
            .parseCaseInsensitive()
            .appendPattern("EEEE, dd-MMM-")
            .appendValueReduced(ChronoField.YEAR, 2, 2, 1970)
            .appendPattern(" HH:mm:ss 'GMT'")
            .toFormatter(Locale.ENGLISH);

    private static final DateTimeFormatter ASCTIME =
            DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss uuuu", Locale.ENGLISH);

    private HttpDate() {}

    static long seconds(@Nullable String text) {
        if (text == null || text.length() < 24) {
            return NONE;
        }
        DateTimeFormatter form = text.charAt(3) == ',' ? IMF_FIXDATE : text.charAt(3) == ' ' ? ASCTIME : RFC_850;
        try {
            return LocalDateTime.parse(text, form).toEpochSecond(ZoneOffset.UTC);
        } catch (DateTimeException _) {
            return NONE;
        }
    }

    static String text(long seconds) {
        return IMF_FIXDATE.format(Instant.ofEpochSecond(seconds).atOffset(ZoneOffset.UTC));
    }
}
