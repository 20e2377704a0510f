package dev.fairlead.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigDiffTest {
    private static final String BEFORE = """
            listeners:
              stays: {protocol: tcp, address: "127.0.0.1:1", upstream: kept}
              changes: {protocol: tcp, address: "127.0.0.1:2", upstream: kept}
              moves: {protocol: tcp, address: "127.0.0.1:3", upstream: old}
              turns: {protocol: tcp, address: "127.0.0.1:4", upstream: changed}
              goes: {protocol: tcp, address: "127.0.0.1:5", upstream: old}
            upstreams:
              old: {endpoints: [10.0.0.1:80]}
              kept: {endpoints: [10.0.0.2:80]}
              changed: {endpoints: [10.0.0.3:80]}
            """;
    private static final String AFTER = """
            listeners:
              comes: {protocol: tcp, address: "127.0.0.1:6", upstream: new}
              turns: {protocol: http, address: "127.0.0.1:4", upstream: changed}
              moves: {protocol: tcp, address: "127.0.0.1:7", upstream: new}
              changes: {protocol: tcp, address: "127.0.0.1:2", upstream: kept, max-connections: 7}
              stays: {protocol: tcp, address: "127.0.0.1:1", upstream: kept}
            upstreams:
              changed: {endpoints: [10.0.0.3:80, 10.0.0.4:80]}
              kept: {endpoints: [10.0.0.2:80]}
              new: {endpoints: [10.0.0.5:80]}
            drain-timeout: 5s
            access-log: {format: combined}
            """;

    private static Config config(String text) {
        ConfigFile.Reading reading = ConfigFile.read(text, "test.yaml", Map.of());
        assertThat(reading.problems()).isEmpty();
        return reading.config();
    }

    private static String said(Change change) {
        return switch (change) {
            case Change.UpstreamAdded c -> "+upstream " + c.spec().name();
            case Change.UpstreamChanged c -> "~upstream " + c.after().name();
            case Change.UpstreamRemoved c -> "-upstream " + c.spec().name();
            case Change.ListenerAdded c ->
                "+listener " + c.spec().name() + " " + c.spec().place();
            case Change.ListenerChanged c ->
                "~listener " + c.after().name() + " " + c.after().maxConnections();
            case Change.ListenerRemoved c ->
                "-listener " + c.spec().name() + " " + c.spec().place();
            case Change.SettingChanged c -> "setting " + c.key();
        };
    }

    private static List<Change> moved(String before, String after) {
        String yaml = """
                listeners:
                  web: {protocol: tcp, address: %s, upstream: app}
                upstreams:
                  app: {endpoints: [10.0.0.1:80]}
                """;
        return ConfigDiff.between(config(yaml.formatted(before)), config(yaml.formatted(after)));
    }

    @Test
    void changesAListenerThatKeepsSomeOfItsAddresses() {
        for (String after : List.of("[10.0.0.9:80, 10.0.0.9:81]", "10.0.0.9:80-90", "[10.0.0.8:1, 10.0.0.9:80]")) {
            assertThat(moved("10.0.0.9:80", after)).singleElement().isInstanceOf(Change.ListenerChanged.class);
            assertThat(moved(after, "10.0.0.9:80")).singleElement().isInstanceOf(Change.ListenerChanged.class);
        }
    }

    @Test
    void bindsAnewWhereNoAddressStaysOrOneIsInTheWay() {
        assertThat(moved("10.0.0.9:80", "10.0.0.9:81")).hasSize(2);
        assertThat(moved("[10.0.0.9:80, 10.0.0.9:81]", "[10.0.0.9:80, \"*:81\"]"))
                .hasSize(2);
    }

    @Test
    void passesOverTests() {
        String tested = AFTER + "    tests: [{url: \"http://a/\", expect: {status: 404}}]\n".strip();

        assertThat(ConfigDiff.between(config(AFTER), config(tested))).isEmpty();
        assertThat(config(tested).tests()).hasSize(1);
    }

    @Test
    void ordersChangesSoThatNothingLeadsNowhere() {
        List<Change> changes = ConfigDiff.between(config(BEFORE), config(AFTER));

        assertThat(changes)
                .extracting(ConfigDiffTest::said)
                .containsExactly(
                        "+upstream new",
                        "~upstream changed",
                        "+listener comes 127.0.0.1:6",
                        "+listener turns 127.0.0.1:4",
                        "+listener moves 127.0.0.1:7",
                        "~listener changes 7",
                        "setting access-log",
                        "setting drain-timeout",
                        "-listener moves 127.0.0.1:3",
                        "-listener turns 127.0.0.1:4",
                        "-listener goes 127.0.0.1:5",
                        "-upstream old");
    }

    @Test
    void findsNothingBetweenTwoReadingsOfOneFile() {
        assertThat(ConfigDiff.between(config(BEFORE), config(BEFORE))).isEmpty();
        assertThat(ConfigDiff.between(config(ConfigReference.EXAMPLE), config(ConfigReference.EXAMPLE)))
                .isEmpty();
    }

    @Test
    void tellsASettingBeforeAndAfter() {
        Config before = config(BEFORE);

        List<Change> changes = ConfigDiff.between(before, config(BEFORE + "loops: 2\nadmin: {address: 127.0.0.1:0}\n"));

        assertThat(changes).first().isEqualTo(new Change.SettingChanged("loops", 0, 2));
        assertThat(changes).extracting(ConfigDiffTest::said).containsExactly("setting loops", "setting admin");
    }
}
