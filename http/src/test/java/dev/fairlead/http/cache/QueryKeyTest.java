package dev.fairlead.http.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.CacheSpec;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class QueryKeyTest {
    private static CacheSpec spec(List<String> chosen, List<String> ignored, boolean isSorted) {
        return new CacheSpec(
                true,
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                1,
                chosen,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                ignored,
                isSorted);
    }

    private static String key(CacheSpec spec, String query) {
        var key = new StringBuilder();
        QueryKey.append(spec, query, key);
        return key.substring(Key.CHOSEN_QUERY.length());
    }

    @ParameterizedTest
    @CsvSource({
        "b=2&a=1, &a=1&b=2",
        "a=2&b=3&a=1, &a=2&a=1&b=3",
        "utm_source=x&a=1&gclid=7&UTM_x=1, &UTM_x=1&a=1",
        "%75tm_source=x&a=1, &a=1",
        "a=%7e%2f%41, &a=~%2FA",
        "a=%2&b=%zz, &a=%2&b=%zz",
        "a+b=1&a%20b=2, &a%20b=2&a+b=1",
        "&&a=1&, &a=1",
        "a&b=, &a&b=",
    })
    void hasOneFormForWhatIsTheSame(String query, String wanted) {
        assertThat(key(spec(List.of(), List.of("utm_*", "gclid"), true), query)).isEqualTo(wanted);
    }

    @Test
    void leavesOrderAndEncodingUnlessSorted() {
        assertThat(key(spec(List.of(), List.of("x"), false), "b=%7e&x=1&a=1")).isEqualTo("&b=%7e&a=1");
        assertThat(QueryKey.isMade(spec(List.of(), List.of(), false))).isFalse();
    }

    @Test
    void hasOnlyWhatIsChosen() {
        assertThat(key(spec(List.of("q", "page"), List.of(), false), "page=2&q=a&z=1"))
                .isEqualTo("&q=a&page=2");
    }

    @Test
    void isFoundByWhatAClientAsksFor() {
        String key = "web all app http a.test /a" + Key.CHOSEN_QUERY
                + key(spec(List.of(), List.of("utm_*"), true), "b=%7e&a=1");
        assertThat(Key.mayBeOf(key, "/a?a=1&b=~&utm_x=3")).isTrue();
        assertThat(Key.mayBeOf(key, "/a?a=2&b=~")).isFalse();
    }
}
