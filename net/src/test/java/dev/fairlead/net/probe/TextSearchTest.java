package dev.fairlead.net.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class TextSearchTest {
    /// Few letters, so that half matches are many; cut anywhere.
    @Test
    void findsWhatIndexOfFinds() {
        Random random = new Random(7);
        int found = 0;
        for (int i = 0; i < 20_000; i++) {
            String text = letters(random, 1 + random.nextInt(6));
            String body = letters(random, random.nextInt(24));
            int cut = random.nextInt(body.length() + 1);
            TextSearch search = new TextSearch(text);
            search.peek(Unpooled.copiedBuffer(body.substring(0, cut), StandardCharsets.UTF_8), cut);
            boolean holds = search.peek(
                    Unpooled.copiedBuffer(body.substring(cut), StandardCharsets.UTF_8), body.length() - cut);
            assertThat(holds).as("%s in %s, cut at %d", text, body, cut).isEqualTo(body.contains(text));
            found += holds ? 1 : 0;
        }
        assertThat(found).isBetween(1_000, 19_000);
    }

    @Test
    void looksNoFurtherThanTold() {
        assertThat(new TextSearch("ab").peek(Unpooled.copiedBuffer("xab", StandardCharsets.UTF_8), 2))
                .isFalse();
    }

    private static String letters(Random random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) ('a' + random.nextInt(2)));
        }
        return text.toString();
    }
}
