package dev.fairlead.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NumbersTest {
    private final Numbers numbers = new Numbers(100, "seats");

    @Test
    void theLeastThatIsFreeIsTaken() throws IOException {
        assertThat(numbers.take()).isZero();
        assertThat(numbers.take()).isEqualTo(1);
        numbers.giveBack(0, 1);

        assertThat(numbers.take()).isZero();
        assertThat(numbers.take()).isEqualTo(2);
    }

    @Test
    void severalStandSideBySide() throws IOException {
        numbers.set(2, 1);
        numbers.set(6, 3);

        assertThat(numbers.take(3)).isEqualTo(3);
        assertThat(numbers.take(2)).isZero();
        assertThat(numbers.take(4)).isEqualTo(9);
    }

    @Test
    void noneIsTakenOfNothing() throws IOException {
        numbers.set(0, 100);

        assertThatThrownBy(numbers::take).hasMessage("the kernel's table has room for 100 seats");
        assertThat(numbers.take(0)).isEqualTo(100);
    }

    @Test
    void whatHasNoRoomTakesNothing() throws IOException {
        numbers.set(0, 98);

        assertThatThrownBy(() -> numbers.take(3)).isInstanceOf(IOException.class);
        assertThat(numbers.take(2)).isEqualTo(98);
    }

    @Test
    void nobodyHasWhatAnotherHas() throws IOException {
        Random random = new Random(7);
        BitSet taken = new BitSet();
        for (int i = 0; i < 2000; i++) {
            int count = 1 + random.nextInt(3);
            if (random.nextInt(5) < 2 || taken.cardinality() > 80) {
                int first = random.nextInt(100 - count);
                numbers.giveBack(first, count);
                taken.clear(first, first + count);
            } else {
                int first;
                try {
                    first = numbers.take(count);
                } catch (IOException full) {
                    continue;
                }
                assertThat(taken.get(first, first + count).isEmpty()).isTrue();
                taken.set(first, first + count);
            }
        }
    }
}
