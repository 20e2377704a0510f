package dev.fairlead.http.message;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.leak.NoLeaks;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
final class FieldsTest {
    private final Fields fields = new Fields();

    @Test
    void putsWhatIsThereInOrder() {
        fields.add(FieldName.HOST, "a");
        fields.add(FieldName.VIA, "b");
        fields.add(FieldName.HOST, "c");
        fields.removeAll(FieldName.HOST);
        fields.add(FieldName.TE, "d");

        assertThat(lines()).isEqualTo("via: b\r\nte: d\r\n");
        assertThat(fields.find(FieldName.HOST)).isNegative();
        assertThat(fields.valueText(FieldName.TE)).isEqualTo("d");
    }

    @Test
    void isEmptyAfterClear() {
        fields.add(FieldName.HOST, "x".repeat(100_000));
        fields.clear();

        assertThat(lines()).isEmpty();
        assertThat(fields.mayHave(FieldName.HOST)).isFalse();
        assertThat(fields.bytes()).hasSizeLessThan(20_000);
    }

    @Test
    void takesAValueOfItsOwnArray() {
        fields.add(FieldName.HOST, "x".repeat(1000));
        for (int i = 0; i < 10; i++) {
            fields.add(FieldName.VIA, fields.bytes(), fields.valueStart(0), fields.valueEnd(0));
        }

        assertThat(lines())
                .isEqualTo("host: " + "x".repeat(1000) + "\r\n" + ("via: " + "x".repeat(1000) + "\r\n").repeat(10));
    }

    @Test
    void isAListOfLinesWhateverIsDoneToIt() {
        var random = new Random(5);
        FieldName[] names = FieldName.values();
        for (int round = 0; round < 2000; round++) {
            fields.clear();
            List<String> expected = new ArrayList<>();
            List<Integer> numbers = new ArrayList<>();
            for (int step = random.nextInt(60); step > 0; step--) {
                if (random.nextInt(3) > 0 || numbers.isEmpty()) {
                    FieldName name = names[random.nextInt(names.length)];
                    String value = "v".repeat(random.nextInt(30));
                    numbers.add(fields.count());
                    fields.add(name, value);
                    expected.add(new String(name.lower(), US_ASCII) + ": " + value + "\r\n");
                } else {
                    int at = random.nextInt(numbers.size());
                    fields.remove(numbers.remove(at));
                    expected.remove(at);
                }
            }
            assertThat(lines()).isEqualTo(String.join("", expected));
        }
    }

    private String lines() {
        var out = new Bytes(16);
        fields.putLines(out);
        return out.toString();
    }

    /// Response splitting: whoever puts a value together out of what a client said cannot begin another line with it.
    @Test
    void aValueCannotEndItsLine() {
        for (String bad : List.of("a\r\nSet-Cookie: b", "a\nb", "a\rb", "a\0", "a\u007f")) {
            assertThatThrownBy(() -> fields.add(FieldName.VIA, bad)).isInstanceOf(IllegalArgumentException.class);
        }
        byte[] name = "X: y\r\nZ".getBytes(US_ASCII);
        assertThatThrownBy(() -> fields.add(null, name, name, 0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(fields.count()).isZero();
    }
}
