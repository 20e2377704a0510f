package dev.fairlead.upstream.sticky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class TokensTest {
    private static final String ONE = "1".repeat(32);
    private static final String TWO = "2".repeat(32);
    private static final List<String> ENDPOINTS =
            IntStream.range(0, 100).mapToObj(i -> "10.0.0." + i + ":80").toList();

    private static Tokens<String> tokens(String keys, String scope) {
        return new Tokens<>(SigningKeys.parse(keys), scope, ENDPOINTS, name -> name);
    }

    private static byte[] of(Tokens<String> tokens, String endpoint) {
        return Objects.requireNonNull(tokens.of(endpoint));
    }

    @Test
    void findsEachEndpointByItsOwnValue() {
        Tokens<String> tokens = tokens(ONE, "app");
        Set<String> values = new HashSet<>();

        for (String endpoint : ENDPOINTS) {
            byte[] value = of(tokens, endpoint);
            assertThat(tokens.find(value, 0, value.length)).isEqualTo(endpoint);
            values.add(new String(value, StandardCharsets.US_ASCII));
        }

        assertThat(values).hasSize(ENDPOINTS.size()).allMatch(value -> value.matches("[A-Za-z0-9_-]{40}"));
        assertThat(tokens.of("10.9.9.9:80")).isNull();
    }

    @Test
    void refusesEveryTruncationAndEveryChangedCharacter() {
        Tokens<String> tokens = tokens(ONE, "app");
        byte[] value = of(tokens, ENDPOINTS.getFirst());

        for (int from = 0; from < value.length; from++) {
            for (int to = from; to <= value.length; to++) {
                boolean isWhole = to - from == value.length;
                assertThat(tokens.find(value, from, to) != null).isEqualTo(isWhole);
            }
        }
        for (int i = 0; i < value.length; i++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] forged = value.clone();
                forged[i] ^= (byte) (1 << bit);
                assertThat(tokens.find(forged, 0, forged.length)).isNull();
            }
        }
    }

    @Test
    void refusesThatOfAnotherKeyOrScope() {
        byte[] value = of(tokens(ONE, "app"), ENDPOINTS.getFirst());

        assertThat(tokens(TWO, "app").find(value, 0, value.length)).isNull();
        assertThat(tokens(ONE, "api").find(value, 0, value.length)).isNull();
        assertThat(tokens(ONE, "app").find(value, 0, value.length)).isEqualTo(ENDPOINTS.getFirst());
    }

    @Test
    void acceptsOlderKeysUntilTheyAreTakenOut() {
        byte[] old = of(tokens(ONE, "app"), ENDPOINTS.getFirst());
        Tokens<String> rotated = tokens("# rotated\n" + TWO + "\n\n" + ONE, "app");

        assertThat(rotated.find(old, 0, old.length)).isEqualTo(ENDPOINTS.getFirst());
        assertThat(rotated.isNewest(old, 0, old.length)).isFalse();
        assertThat(rotated.isNewest(of(rotated, ENDPOINTS.getFirst()), 0, old.length))
                .isTrue();
    }

    @Test
    void refusesBadKeysWithoutShowingThem() {
        assertThatThrownBy(() -> SigningKeys.parse(ONE + "\nshort-secret"))
                .hasMessageContaining("line 2")
                .hasMessageNotContaining("short-secret");
        assertThatThrownBy(() -> SigningKeys.parse("# nothing\n")).hasMessageContaining("0 keys");
        assertThatThrownBy(() -> SigningKeys.parse((ONE + "\n").repeat(17))).hasMessageContaining("17 keys");
        assertThat(SigningKeys.parse(ONE).toString()).doesNotContain("1111");
    }
}
