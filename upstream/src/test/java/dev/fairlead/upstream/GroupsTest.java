package dev.fairlead.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.health.Health;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Who is asked first, and who takes over.
final class GroupsTest {
    private static final Choice ANY = _ -> false;

    /// Percent of the picks of each group, of groups of `sizes` endpoints with `healthy` of them healthy.
    private static int[] shares(int[] sizes, int[] healthy) {
        int count = IntStream.of(sizes).sum();
        int[] priorities = new int[count];
        boolean[] isHealthy = new boolean[count];
        int at = 0;
        for (int group = 0; group < sizes.length; group++) {
            for (int i = 0; i < sizes[group]; i++) {
                priorities[at] = group;
                isHealthy[at++] = i < healthy[group];
            }
        }
        return Groups.of(priorities, new String[count], isHealthy, null).stream()
                .mapToInt(group -> Math.round(group.share() * 100f / Tier.WHOLE))
                .toArray();
    }

    /// Worked by hand: a group bears 140% x healthy / all, at most what is left.
    @Test
    void aGroupBearsItsHealthyPartAndALittleMore() {
        assertThat(shares(new int[] {10, 10}, new int[] {10, 10})).containsExactly(100, 0);
        assertThat(shares(new int[] {10, 10}, new int[] {8, 10})).containsExactly(100, 0);
        assertThat(shares(new int[] {10, 10}, new int[] {7, 10})).containsExactly(98, 2);
        assertThat(shares(new int[] {10, 10}, new int[] {5, 10})).containsExactly(70, 30);
        assertThat(shares(new int[] {10, 10}, new int[] {0, 10})).containsExactly(0, 100);
        assertThat(shares(new int[] {10, 10, 10}, new int[] {3, 3, 10})).containsExactly(42, 42, 16);
        assertThat(shares(new int[] {10, 10}, new int[] {2, 2})).containsExactly(50, 50);
        assertThat(shares(new int[] {10, 10}, new int[] {0, 0})).containsExactly(0, 0);
    }

    @Test
    void sharesAlwaysAddUpToTheWhole() {
        for (int a = 0; a <= 7; a++) {
            for (int b = 0; b <= 5; b++) {
                boolean[] isHealthy = new boolean[12];
                int[] priorities = new int[12];
                for (int i = 0; i < 12; i++) {
                    priorities[i] = i < 7 ? 3 : 1;
                    isHealthy[i] = i < 7 ? i < a : i - 7 < b;
                }
                List<Groups.Group> groups = Groups.of(priorities, new String[12], isHealthy, null);
                assertThat(groups.stream().mapToInt(Groups.Group::share).sum()).isEqualTo(a + b == 0 ? 0 : Tier.WHOLE);
            }
        }
    }

    @Test
    void theOwnZoneComesFirstWithinAPriority() {
        var groups = Groups.of(
                new int[] {0, 0, 1, 0},
                new String[] {"b", "a", "a", null},
                new boolean[] {true, true, true, true},
                "a");
        assertThat(groups.stream().map(group -> group.all()))
                .containsExactly(new int[] {1}, new int[] {0, 3}, new int[] {2});
        assertThat(groups.getFirst().share()).isEqualTo(Tier.WHOLE);
    }

    private static Map<String, Integer> picks(Upstream upstream, int count) {
        Map<String, Integer> picks = new HashMap<>();
        for (int i = 0; i < count; i++) {
            picks.merge(upstream.pick(ANY, 0).address().getAddress().getHostAddress(), 1, Integer::sum);
        }
        return picks;
    }

    private static Upstream upstream(String keys) {
        return new Upstreams(new Metrics()).put(Specs.app(keys));
    }

    @Test
    void aBackupIsUsedWhenTheFirstAreDown() {
        Upstream upstream = upstream("endpoints: [10.0.0.1:80, 10.0.0.2:80, {address: \"10.0.0.9:80\", priority: 9}]");
        assertThat(picks(upstream, 50)).containsOnlyKeys("10.0.0.1", "10.0.0.2");
        upstream.health(upstream.endpoints().get(0), Health.DOWN);
        Map<String, Integer> half = picks(upstream, 10_000);
        assertThat(half).containsOnlyKeys("10.0.0.2", "10.0.0.9");
        assertThat(half.get("10.0.0.9")).isBetween(2700, 3300);
        upstream.health(upstream.endpoints().get(1), Health.DOWN);
        assertThat(picks(upstream, 50)).containsOnlyKeys("10.0.0.9");
        upstream.health(upstream.endpoints().get(2), Health.DOWN);
        assertThat(picks(upstream, 50)).hasSize(2);
        assertThat(upstream.isPanicking()).isTrue();
    }

    @Test
    void whatIsFullOverflows() {
        Upstream upstream = upstream("endpoints: [{address: \"10.0.0.1:80\", max-requests: 2},"
                + " {address: \"10.0.0.9:80\", priority: 1, max-requests: 1}]");
        Endpoint first = upstream.endpoints().get(0);
        Endpoint backup = upstream.endpoints().get(1);
        for (Endpoint expected : new Endpoint[] {first, first, backup}) {
            assertThat(upstream.pick(ANY, 0)).isSameAs(expected);
            assertThat(expected.tryBegin()).isTrue();
        }
        assertThat(upstream.pick(ANY, 0).tryBegin()).isFalse();
        assertThat(upstream.pick(List.of(first, backup)::contains, 0)).isNull();
        first.end();
        assertThat(upstream.pick(ANY, 0)).isSameAs(first);
    }

    @Test
    void theZoneSpillsOver() {
        Upstream upstream = upstream("prefer-zone: a, endpoints: [{address: \"10.0.0.1:80\", zone: a},"
                + " {address: \"10.0.0.2:80\", zone: b}, {address: \"10.0.0.3:80\", zone: a}]");
        assertThat(picks(upstream, 50)).containsOnlyKeys("10.0.0.1", "10.0.0.3");
        upstream.health(upstream.endpoints().get(0), Health.DOWN);
        assertThat(picks(upstream, 200)).containsOnlyKeys("10.0.0.2", "10.0.0.3");
    }

    @Test
    void aBackupComesAfterEveryPriority() {
        String endpoints = """
                endpoints: [{address: "10.0.0.1:80", backup: true}, {address: "10.0.0.2:80", priority: 9}, 10.0.0.3:80]""";
        Upstream upstream = new Upstreams(new Metrics()).put(Specs.app(endpoints));
        assertThat(upstream.pick(ANY, 0).name()).isEqualTo("10.0.0.3:80");
        upstream.health(upstream.endpoints().get(2), Health.DOWN);
        assertThat(upstream.pick(ANY, 0).name()).isEqualTo("10.0.0.2:80");
        upstream.health(upstream.endpoints().get(1), Health.DOWN);
        assertThat(upstream.pick(ANY, 0).name()).isEqualTo("10.0.0.1:80");
    }
}
