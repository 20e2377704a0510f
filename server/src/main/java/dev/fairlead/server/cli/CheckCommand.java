package dev.fairlead.server.cli;

import dev.fairlead.config.ConfigFile;
import dev.fairlead.config.Problem;
import dev.fairlead.config.Severity;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "check",
        description = {"Checks a config file and prints every problem.", "Warnings do not make it fail."})
final class CheckCommand implements Callable<Integer> {
    enum Format {
        TEXT,
        JSON
    }

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "The config file.")
    private Path file = Path.of("fairlead.yaml");

    @Option(names = "--format", description = "text, or json for machines (${DEFAULT-VALUE}).")
    private Format format = Format.TEXT;

    @Override
    public Integer call() {
        ConfigFile.Reading reading = ConfigFile.read(file, System.getenv());
        PrintWriter out = Output.of(spec);
        switch (format) {
            case JSON -> out.println(Problem.json(reading.problems()));
            case TEXT -> {
                reading.problems().forEach(problem -> out.println(problem.text()));
                out.println(summary(reading.problems()));
            }
        }
        return reading.hasErrors() ? ExitCode.REFUSED : ExitCode.OK;
    }

    private String summary(List<Problem> problems) {
        long errors = problems.stream()
                .filter(problem -> problem.severity() == Severity.ERROR)
                .count();
        long warnings = problems.size() - errors;
        if (problems.isEmpty()) {
            return file + ": ok";
        }
        return file + ": " + count(errors, "error") + ", " + count(warnings, "warning");
    }

    private static String count(long number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }
}
