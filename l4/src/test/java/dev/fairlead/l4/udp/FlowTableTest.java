package dev.fairlead.l4.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.leak.NoLeaks;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
final class FlowTableTest {
    private final FlowTable<Named> table = new FlowTable<>(42);

    private static final class Named extends FlowTable.Entry {
        final Key key;
        boolean isHidden;

        Named(Key key) {
            this.key = key;
        }
    }

    private record Key(long high, long low, long port) {
        static Key drawn(Random random) {
            return new Key(random.nextInt(3), random.nextInt(20), random.nextInt(20));
        }
    }

    private Named find(Key key) {
        return table.find(key.high, key.low, key.port);
    }

    private Named add(Key key, long now) {
        Named flow = new Named(key);
        table.add(flow, key.high, key.low, key.port, now);
        return flow;
    }

    /// Against a map in the order of the last word, which is what the table is.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void isAMapInTheOrderOfTheLastWord(long seed) {
        Random random = new Random(seed);
        Map<Named, Long> model = new LinkedHashMap<>();
        long now = Long.MAX_VALUE - 1000;
        for (int step = 0; step < 20_000; step++) {
            now += random.nextInt(3);
            Key key = Key.drawn(random);
            Named found = find(key);
            Named wanted = model.keySet().stream()
                    .filter(each -> each.key.equals(key) && !each.isHidden)
                    .findFirst()
                    .orElse(null);
            assertThat(found).isSameAs(wanted);
            switch (random.nextInt(10)) {
                case 0, 1, 2, 3 -> {
                    if (found == null) {
                        model.put(add(key, now), now);
                    }
                }
                case 4, 5 -> {
                    if (found != null) {
                        table.touch(found, now);
                        model.remove(found);
                        model.put(found, now);
                    }
                }
                case 6 -> {
                    if (found != null) {
                        table.hide(found);
                        found.isHidden = true;
                    }
                }
                case 7 -> {
                    if (found != null) {
                        table.remove(found);
                        model.remove(found);
                    }
                }
                default -> {
                    Named oldest =
                            model.isEmpty() ? null : model.keySet().iterator().next();
                    assertThat(table.oldest()).isSameAs(oldest);
                    boolean isOver = oldest != null && now - model.get(oldest) >= 50;
                    assertThat(table.silentFor(50, now)).isSameAs(isOver ? oldest : null);
                    if (isOver) {
                        table.remove(oldest);
                        model.remove(oldest);
                    }
                }
            }
            assertThat(table.size()).isEqualTo(model.size());
        }
    }

    @Test
    void growsAndFindsAll() {
        List<Named> all = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            all.add(add(new Key(0, i, 53), i));
        }

        assertThat(all).allSatisfy(each -> assertThat(find(each.key)).isSameAs(each));
        assertThat(table.oldest()).isSameAs(all.getFirst());
    }

    @Test
    void aHiddenFlowGivesItsPlaceToAnother() {
        Key key = new Key(0, 1, 53);
        Named first = add(key, 0);
        table.hide(first);
        Named second = add(key, 1);

        assertThat(find(key)).isSameAs(second);
        assertThat(table.size()).isEqualTo(2);
        table.remove(first);
        assertThat(find(key)).isSameAs(second);
        assertThat(table.size()).isEqualTo(1);
    }

    @Test
    void removingTwiceIsRemovingOnce() {
        Named flow = add(new Key(0, 1, 53), 0);
        add(new Key(0, 2, 53), 0);
        table.remove(flow);
        table.remove(flow);

        assertThat(table.size()).isEqualTo(1);
    }
}
