package dev.fairlead.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FilterNameTest {
    private static final String PINS = "/sys/fs/bpf/fairlead";

    @Test
    void aProcessThatLivesKeepsItsFilter() {
        assertThat(FilterName.isOfTheDead(FilterName.held(PINS), PINS)).isFalse();
    }

    @Test
    void oneWhoseNumberIsAnothersByNowIsDead() {
        String another = FilterName.held(PINS).replaceFirst("\\d+$", "1");
        assertThat(FilterName.isOfTheDead(another, PINS)).isTrue();
        assertThat(FilterName.isOfTheDead(another, "/sys/fs/bpf/other")).isFalse();
    }

    @Test
    void ofAnotherNamespaceNobodyCanTell() {
        String another = FilterName.held(PINS).replaceFirst("\\d+$", "1").replaceFirst("pid:\\[\\d+]", "pid:[7]");
        assertThat(FilterName.isOfTheDead(another, PINS)).isFalse();
    }

    @Test
    void whatIsPinnedIsNobodys() {
        assertThat(FilterName.isOfTheDead(FilterName.pinned(Path.of(PINS)), PINS))
                .isFalse();
        assertThat(FilterName.anyOf(Path.of(PINS)))
                .accepts(FilterName.pinned(Path.of(PINS)), FilterName.held(PINS))
                .rejects(FilterName.held(PINS + "2"), "fairlead");
    }
}
