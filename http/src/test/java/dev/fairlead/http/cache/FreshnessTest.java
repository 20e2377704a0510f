package dev.fairlead.http.cache;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.CacheSpec;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.ResponseHead;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// RFC 9111 as a table. Every response came at the second 1,000,000, and was made then unless it says otherwise.
final class FreshnessTest {
    private static final long NOW = 1_000_000;
    private static final CacheSpec SPEC = new CacheSpec(
            true,
            Duration.ZERO,
            Duration.ofDays(365),
            Duration.ofHours(1),
            Duration.ZERO,
            Duration.ZERO,
            1 << 20,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            false);

    /// `NOW+n` in a field is that date.
    private static Fields fields(String lines) {
        var fields = new Fields();
        for (String line : lines.split("\\|")) {
            if (line.isBlank()) {
                continue;
            }
            int colon = line.indexOf(':');
            String name = line.substring(0, colon).strip();
            String value = line.substring(colon + 1).strip();
            if (value.startsWith("NOW")) {
                value = HttpDate.text(NOW + Long.parseLong(value.substring(3)));
            }
            byte[] bytes = value.getBytes(US_ASCII);
            fields.add(FieldName.of(name), name.toLowerCase(Locale.ROOT).getBytes(US_ASCII), bytes, 0, bytes.length);
        }
        return fields;
    }

    private static ResponseHead head(int status, String lines) {
        var head = new ResponseHead();
        head.status(status, 0, 0);
        Fields from = fields(lines);
        for (int i = 0; i < from.count(); i++) {
            byte[] name = from.nameText(i).getBytes(US_ASCII);
            head.fields().add(from.name(i), name, from.bytes(), from.valueStart(i), from.valueEnd(i));
        }
        return head;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            200~Cache-Control: max-age=60~60
            200~Cache-Control: max-age=60, s-maxage=10~10
            200~Cache-Control: max-age="60"~60
            200~Cache-Control: max-age=60|Cache-Control: max-age=1~60
            200~Cache-Control: MAX-AGE=60~60
            200~Cache-Control: max-age=-1~0
            200~Cache-Control: max-age=1.5~0
            200~Cache-Control: max-age~0
            200~Cache-Control: max-age=99999999999~31536000
            200~Cache-Control: foo="max-age=9, bar", max-age=60~60
            200~Expires: NOW+60~60
            200~Expires: NOW+60|Date: NOW-10~70
            200~Expires: 0~0
            200~Expires: NOW+60|Expires: NOW+60~0
            200~Expires: NOW+60|Cache-Control: max-age=5~5
            200~Last-Modified: NOW-1000~100
            200~Last-Modified: NOW-1000000~3600
            200~Last-Modified: NOW+10~0
            404~Last-Modified: NOW-1000~100
            302~Last-Modified: NOW-1000~0
            302~Last-Modified: NOW-1000|Cache-Control: public~100
            200~Cache-Control: max-age=60|CDN-Cache-Control: max-age=7~7
            200~Cache-Control: no-store|CDN-Cache-Control: max-age=7~7
            200~Expires: NOW+60|CDN-Cache-Control: public~0
            """)
    void lifetimes(int status, String lines, long seconds) {
        assertThat(Freshness.of(head(status, lines), SPEC, 0, NOW).lifetime()).isEqualTo(seconds);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            Date: NOW-30~0~30
            Date: NOW+30~0~0
            Age: 40|Date: NOW-30~0~40
            Age: 40~3~43
            Age: 20|Date: NOW-30~0~30
            Age: 5, 90~0~5
            Age: 5|Age: 90~0~5
            Age: x~0~0
            Age: -5~0~0
            Date: nonsense~0~0
            """)
    void ages(String lines, long delay, long seconds) {
        Freshness freshness = Freshness.of(head(200, lines), SPEC, delay, NOW);
        assertThat(freshness.age(NOW)).isEqualTo(seconds);
        assertThat(freshness.age(NOW + 9)).isEqualTo(seconds + 9);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            true~~200~Cache-Control: max-age=1
            true~~599~Cache-Control: max-age=1
            true~~302~Expires: NOW+1
            true~~200~ETag: "a"
            true~~404~Last-Modified: NOW-10
            false~~302~Last-Modified: NOW-10
            false~~200~Content-Type: text/plain
            false~~200~Cache-Control: no-store, max-age=1
            false~~200~Cache-Control: private, max-age=1
            true~~200~Cache-Control: private="x", max-age=1
            false~~206~Cache-Control: max-age=1
            false~~304~Cache-Control: max-age=1
            false~~599~Cache-Control: must-understand, max-age=1
            true~~200~Cache-Control: must-understand, no-store, max-age=1
            false~Cache-Control: no-store~200~Cache-Control: max-age=1
            false~Authorization: x~200~Cache-Control: max-age=1
            true~Authorization: x~200~Cache-Control: public, max-age=1
            true~Authorization: x~200~Cache-Control: s-maxage=1
            true~Authorization: x~200~Cache-Control: must-revalidate, max-age=1
            false~~200~Set-Cookie: a=b|Last-Modified: NOW-10
            true~~200~Set-Cookie: a=b|Cache-Control: max-age=1
            true~~200~Set-Cookie: a=b|Cache-Control: s-maxage=1
            true~~200~Set-Cookie: a=b|Expires: NOW+1
            false~~200~Set-Cookie: a=b|Cache-Control: public|Last-Modified: NOW-10
            false~~200~Set-Cookie: a=b|Expires: NOW+1|CDN-Cache-Control: public|Last-Modified: NOW-10
            true~~200~Cache-Control: public
            """)
    void mayBeStored(boolean may, String request, int status, String lines) {
        Fields asked = fields(request == null ? "" : request);
        assertThat(Freshness.mayStore(
                        asked, CacheControl.of(asked, FieldName.CACHE_CONTROL), head(status, lines), SPEC))
                .isEqualTo(may);
    }

    /// A response of 60 s, so many seconds after it came.
    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            true~~59~max-age=60
            false~~60~max-age=60
            false~no-cache~1~max-age=60
            false~max-age=5~6~max-age=60
            true~max-age=5~5~max-age=60
            false~min-fresh=30~40~max-age=60
            true~max-stale=30~80~max-age=60
            true~max-stale~8000~max-age=60
            false~max-stale=30~95~max-age=60
            false~max-stale=30~80~max-age=60, must-revalidate
            false~max-stale=30~80~s-maxage=60
            false~~1~max-age=60, no-cache
            true~~1~max-age=60, no-cache="x"
            """)
    void isUsed(boolean used, String request, long after, String control) {
        Freshness freshness = Freshness.of(head(200, "Cache-Control: " + control), SPEC, 0, NOW);
        assertThat(freshness.isUsable(CacheControl.of(request == null ? "" : request), NOW + after))
                .isEqualTo(used);
    }

    @ParameterizedTest
    @CsvSource({
        "'max-age=60, stale-while-revalidate=30', 80, true, false",
        "'max-age=60, stale-while-revalidate=30', 91, false, false",
        "'max-age=60, stale-if-error=30', 80, false, true",
        "'max-age=60, stale-if-error=30', 91, false, false",
        "'max-age=60, stale-if-error=30, must-revalidate', 80, false, false",
        "'max-age=60', 61, false, false"
    })
    void isUsedThoughStale(String control, long after, boolean meanwhile, boolean onError) {
        Freshness freshness = Freshness.of(head(200, "Cache-Control: " + control), SPEC, 0, NOW);
        assertThat(freshness.isUsableMeanwhile(CacheControl.NONE, NOW + after)).isEqualTo(meanwhile);
        assertThat(freshness.isUsableOnError(NOW + after)).isEqualTo(onError);
    }

    @ParameterizedTest
    @CsvSource({
        "'Sun, 06 Nov 1994 08:49:37 GMT', 784111777",
        "'Sunday, 06-Nov-94 08:49:37 GMT', 784111777",
        "'Sun Nov  6 08:49:37 1994', 784111777"
    })
    void datesHaveThreeForms(String text, long seconds) {
        assertThat(HttpDate.seconds(text)).isEqualTo(seconds);
    }
}
