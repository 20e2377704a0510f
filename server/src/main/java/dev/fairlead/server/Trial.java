package dev.fairlead.server;

import dev.fairlead.admin.RequestQuestion;
import dev.fairlead.config.Config;
import dev.fairlead.config.TestSpec;
import dev.fairlead.http.explain.Explanation;
import java.util.ArrayList;
import java.util.List;

/// One of the `tests` of a config, asked. `route` and `outcome` are what became of the request, in words.
public record Trial(TestSpec test, String route, String outcome, List<Difference> differences) {
    public Trial {
        differences = List.copyOf(differences);
    }

    /// What is not as expected. `path` is the expectation's place in the file.
    public record Difference(String path, String expected, String actual) {
        public String message() {
            return "expected " + expected + ", found " + actual;
        }
    }

    /// All tests of a config, which need not run, in the order of the file.
    public static List<Trial> all(Config config) {
        Explain explain = Explain.offline(config);
        List<Trial> trials = new ArrayList<>();
        for (int i = 0; i < config.tests().size(); i++) {
            TestSpec test = config.tests().get(i);
            String path = "/tests/" + i;
            trials.add(
                    switch (explain.ask(question(test))) {
                        case Explain.Outcome.Done(Explanation explanation) ->
                            new Trial(
                                    test,
                                    Comparison.route(explanation),
                                    Comparison.outcome(explanation),
                                    new Comparison(explanation, path + "/expect").differences(test.expect()));
                        case Explain.Outcome.Unknown(String reason) ->
                            new Trial(
                                    test,
                                    "-",
                                    "-",
                                    List.of(new Difference(path + "/url", "one listener for it", reason)));
                    });
        }
        return trials;
    }

    private static RequestQuestion question(TestSpec test) {
        List<String> fields = new ArrayList<>();
        test.headers().forEach((name, values) -> values.forEach(value -> fields.add(name + ": " + value)));
        return new RequestQuestion(test.method(), test.url(), fields, test.client(), test.listener());
    }
}
