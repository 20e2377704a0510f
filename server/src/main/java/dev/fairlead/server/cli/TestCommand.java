package dev.fairlead.server.cli;

import dev.fairlead.config.Config;
import dev.fairlead.config.ConfigFile;
import dev.fairlead.server.Table;
import dev.fairlead.server.Trial;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "test",
        description = {
            "Asks what the tests of a config file ask, as `explain` does, and compares.",
            "Nothing is started or sent. Fails when anything is not as expected, and when there are no tests."
        })
final class TestCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "The config file.")
    private Path file = Path.of("fairlead.yaml");

    @Override
    public Integer call() {
        ConfigFile.Reading reading = ConfigFile.read(file, System.getenv());
        Config config = reading.config();
        if (config == null) {
            reading.problems().forEach(each -> Output.errorsOf(spec).println(each.text()));
            return ExitCode.REFUSED;
        }
        if (config.tests().isEmpty()) {
            Output.errorsOf(spec).println(file + ": there are no `tests`");
            return ExitCode.REFUSED;
        }
        List<Trial> trials = Trial.all(config);
        PrintWriter out = Output.of(spec);
        out.println(plain(table(trials)));
        for (Trial trial : trials) {
            for (Trial.Difference difference : trial.differences()) {
                String message = trial.test().text() + ": " + difference.message();
                out.println(reading.places().error(difference.path(), message).text());
            }
        }
        long failed =
                trials.stream().filter(each -> !each.differences().isEmpty()).count();
        out.println(file + ": " + (trials.size() - failed) + " passed, " + failed + " failed");
        out.flush();
        return failed == 0 ? ExitCode.OK : ExitCode.REFUSED;
    }

    private static String table(List<Trial> trials) {
        Table table = new Table("", "TEST", "ROUTE", "OUTCOME");
        for (Trial each : trials) {
            table.row(List.of(
                    each.differences().isEmpty() ? "ok" : "FAILED", each.test().text(), each.route(), each.outcome()));
        }
        return table.toString();
    }

    /// What a request makes of a `Location` could write over the terminal that shows it.
    private static String plain(String text) {
        return text.codePoints()
                .map(each -> each != '\n' && Character.isISOControl(each) ? '?' : each)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
