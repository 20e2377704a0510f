package dev.fairlead.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointsFileTest {
    @TempDir
    private Path home;

    private static List<String> problems(String text) {
        return EndpointsFile.read(text, "app.yaml", false).problems().stream()
                .map(Problem::headline)
                .toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "- 127.0.0.1:80\n- {address: app.example:81, weight: 5}\n",
                "[\"127.0.0.1:80\", {\"address\": \"app.example:81\", \"weight\": 5}]"
            })
    void takesYamlAndJson(String text) {
        List<EndpointSpec> endpoints =
                EndpointsFile.read(text, "app.yaml", false).endpoints();

        assertThat(endpoints)
                .extracting(each -> each.address().toString())
                .containsExactly("127.0.0.1:80", "app.example:81");
        assertThat(endpoints).extracting(EndpointSpec::weight).containsExactly(1, 5);
    }

    @Test
    void takesAnEmptyListButNoEmptyFile() {
        assertThat(EndpointsFile.read("[]", "app.yaml", false).endpoints()).isEmpty();
        assertThat(problems(" \n"))
                .containsExactly("app.yaml:1:1: error: the file is empty; a list without an endpoint is written `[]`");
    }

    @Test
    void tellsEveryProblemWithItsLine() {
        assertThat(problems("- 127.0.0.1\n- {address: \"127.0.0.1:1\", wieght: 2}\n- 127.0.0.2:1\n- 127.0.0.2:1\n"))
                .containsExactly(
                        "app.yaml:1:3: error: `127.0.0.1` has no port; write `127.0.0.1:8080`",
                        "app.yaml:2:28: error: unknown key `wieght`; did you mean `weight`?",
                        "app.yaml:4:3: error: the endpoint `127.0.0.2:1` is listed twice, first on line 3; "
                                + "`weight` gives it a larger share");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void keepsPortsAsTheUpstreamDoes(boolean keepsPort) {
        List<String> problems =
                EndpointsFile.read("- 10.0.0.1:*\n- 10.0.0.1:80\n", "app.yaml", keepsPort).problems().stream()
                        .map(Problem::headline)
                        .toList();

        assertThat(problems)
                .containsExactly(
                        keepsPort
                                ? "app.yaml:2:3: error: `10.0.0.1:80` has a port, and the upstream keeps those that clients ask for: write `*`"
                                : "app.yaml:1:3: error: `10.0.0.1:*` has no port, which `keep-port` of `discover` or the upstream's endpoints in the config would have to say");
    }

    @Test
    void refusesWhatIsNoList() {
        assertThat(problems("endpoints: []")).containsExactly("app.yaml:1:1: error: expected a list, found a mapping");
        assertThat(EndpointsFile.read("- 127.0.0.1:80\n- [", "app.yaml", false).endpoints())
                .isNull();
    }

    @Test
    void saysThatTheFileIsNotThere() {
        Path file = home.resolve("none.yaml");

        assertThat(EndpointsFile.read(file, false).problems())
                .singleElement()
                .satisfies(each -> assertThat(each.message()).isEqualTo("there is no such file"));
        assertThat(EndpointsFile.stamp(file)).isEqualTo(EndpointsFile.Stamp.NONE);
    }

    @Test
    void stampsTellAFileFromTheOneMovedOverIt() throws IOException {
        Path file = Files.writeString(home.resolve("app.yaml"), "[]");
        Path next = Files.writeString(home.resolve("next.yaml"), "[]");
        Files.setLastModifiedTime(next, Files.getLastModifiedTime(file));
        EndpointsFile.Stamp before = EndpointsFile.stamp(file);
        Files.move(next, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);

        assertThat(EndpointsFile.stamp(file)).isNotEqualTo(before);
    }
}
