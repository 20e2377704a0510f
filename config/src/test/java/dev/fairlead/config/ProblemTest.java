package dev.fairlead.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProblemTest {
    private static List<Problem> problems(String text) {
        return ConfigFile.read(text, "fairlead.yaml", Map.of()).problems();
    }

    @Test
    void showsThePlaceInItsLine() {
        String text = ConfigReference.SMALLEST + "    pol: {}\n";

        assertThat(problems(text).getFirst().text()).isEqualTo("""
                fairlead.yaml:9:5: error: unknown key `pol`; did you mean `pool`?
                    at /upstreams/app/pol
                        pol: {}
                        ^""");
    }

    @Test
    void keepsTheCaretUnderThePlaceInALongLine() {
        String text = "listeners: {" + "x".repeat(300) + ": [], y: 1, loops: 1}\n";
        Problem problem = problems(text).stream()
                .filter(each -> each.path().equals("/listeners/y"))
                .findFirst()
                .orElseThrow();

        List<String> lines = problem.text().lines().toList();

        String shown = lines.get(lines.size() - 2);
        String caret = lines.getLast();
        assertThat(shown).hasSizeLessThan(130);
        assertThat(shown.charAt(caret.indexOf('^'))).isEqualTo('1');
    }

    @Test
    void showsNoControlCharacterOfTheFile() {
        assertThat(problems("loops: \"\\e[2J\u0085\"\nadmin: \u001b\n"))
                .allSatisfy(each -> assertThat(each.text()).doesNotContain("\u001b"));
    }

    @Test
    void writesJsonForMachines() {
        assertThat(Problem.json(problems("loops: \"a\\\"b\"\n")))
                .isEqualTo("[{\"severity\":\"error\",\"file\":\"fairlead.yaml\",\"line\":1,\"column\":8,"
                        + "\"path\":\"/loops\",\"message\":\"expected a whole number, found the text `a\\\"b`\"}]");
        assertThat(Problem.json(List.of())).isEqualTo("[]");
    }
}
