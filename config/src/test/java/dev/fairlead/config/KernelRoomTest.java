package dev.fairlead.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What the program of `ebpf` has room for is known before it is asked to take more.
class KernelRoomTest {
    private static String problems(int listeners, String each, int endpoints) {
        String all = IntStream.range(0, listeners)
                .mapToObj(i -> "  l" + i + ": {protocol: tcp, address: \"10.0.0.1:" + (1000 + i)
                        + "\", upstream: app, carrier: ebpf" + each + "}\n")
                .collect(Collectors.joining());
        String yaml = "listeners:\n" + all + "upstreams:\n  app: {endpoints: ["
                + IntStream.range(0, endpoints)
                        .mapToObj(i -> "10.1." + i / 250 + "." + i % 250 + ":80")
                        .collect(Collectors.joining(", "))
                + "]}\n";
        return Case.problems(ConfigFile.read(yaml, "test.yaml", Map.of()));
    }

    private static String sources(int count) {
        return ", source: ["
                + IntStream.range(0, count).mapToObj(i -> "10.2.0." + i).collect(Collectors.joining(", ")) + "]";
    }

    @Test
    void listenersHaveAnEnd() {
        assertThat(problems(4096, "", 1)).isEmpty();
        assertThat(problems(4098, "", 1))
                .contains("up to here these are 4097 listeners, and the program has room for 4096")
                .contains("at /listeners/l4096\n")
                .doesNotContain("l4097");
    }

    @Test
    void endpointsHaveAnEnd() {
        assertThat(problems(128, "", 1024)).isEmpty();
        assertThat(problems(129, "", 1024))
                .contains("up to here these are 132096 endpoints of listeners, and the program has room for 131072")
                .contains("at /listeners/l128/upstream\n");
    }

    @Test
    void sourceAddressesHaveAnEnd() {
        assertThat(problems(8, sources(128), 1)).isEmpty();
        assertThat(problems(9, sources(128), 1))
                .contains("up to here these are 1152 source addresses, and the program has room for 1024")
                .contains("at /listeners/l8/source\n");
    }
}
