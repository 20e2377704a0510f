package dev.fairlead.http.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.ResponseHead;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ContentRangeTest {
    private static ResponseHead head(int status, long length, String... ranges) {
        var head = new ResponseHead();
        head.status(status, 0, 0);
        head.contentLength(length);
        for (String range : ranges) {
            head.fields().add(FieldName.CONTENT_RANGE, range);
        }
        return head;
    }

    private static @Nullable ContentRange of(int status, long length, String... ranges) {
        return ContentRange.of(head(status, length, ranges));
    }

    @Test
    void saysWhichBytesCome() {
        assertThat(of(206, 10, "bytes 5-14/20")).isEqualTo(new ContentRange(5, 15, 20));
        assertThat(of(206, ResponseHead.UNKNOWN, "bytes 0-0/1")).isEqualTo(new ContentRange(0, 1, 1));
        assertThat(of(200, 20)).isEqualTo(new ContentRange(0, 20, 20));
        assertThat(of(200, ResponseHead.UNKNOWN)).isNull();
        assertThat(of(404, 20)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "bytes */20",
                "bytes 5-14/*",
                "bytes 5-4/20",
                "bytes 11-20/20",
                "items 5-14/20",
                "bytes 5-14",
                "bytes -5-14/20",
                "bytes 5-14/20, bytes 5-14/20",
                "bytes 5-9999999999999999999/99999999999999999999"
            })
    void whatSaysNothingClearIsNone(String value) {
        assertThat(of(206, 10, value)).isNull();
    }

    @Test
    void ofTwoAndOfAnotherLengthNoneIsTrue() {
        assertThat(of(206, 10, "bytes 5-14/20", "bytes 5-14/20")).isNull();
        assertThat(of(206, 9, "bytes 5-14/20")).isNull();
        assertThat(of(206, 10)).isNull();
    }

    @Test
    void theWholeHasTheHeadOfTheWhole() {
        ResponseHead head = head(206, 10, "bytes 5-14/20");
        head.fields().add(FieldName.CONTENT_LENGTH, "10");
        head.fields().add(FieldName.ETAG, "\"1\"");
        ResponseHead whole = new ContentRange(5, 15, 20).whole(head);
        assertThat(whole.status()).isEqualTo(200);
        assertThat(whole.contentLength()).isEqualTo(20);
        assertThat(whole.fields().valueText(FieldName.CONTENT_LENGTH)).isEqualTo("20");
        assertThat(whole.fields().find(FieldName.CONTENT_RANGE)).isNegative();
        assertThat(whole.fields().valueText(FieldName.ETAG)).isEqualTo("\"1\"");
        assertThat(head.status()).isEqualTo(206);
    }

    @Test
    void theHashOfAPartIsNotThatOfTheWhole() {
        ResponseHead head = head(206, 10, "bytes 5-14/20");
        for (String name : new String[] {"Content-Digest", "Digest", "Content-MD5", "Repr-Digest"}) {
            byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
            head.fields().add(FieldName.of(name), bytes, bytes, 0, bytes.length);
        }
        ResponseHead whole = new ContentRange(5, 15, 20).whole(head);
        assertThat(IntStream.range(0, whole.fields().count())
                        .filter(whole.fields()::isThere)
                        .mapToObj(whole.fields()::nameText))
                .contains("Repr-Digest")
                .doesNotContain("Content-Digest", "Digest", "Content-MD5");
    }
}
