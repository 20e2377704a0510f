package dev.fairlead.server.cli;

import dev.fairlead.config.Config;
import dev.fairlead.config.ConfigFile;
import dev.fairlead.config.Problem;
import dev.fairlead.server.demo.Demo;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

@Command(
        name = "demo",
        description = {
            "Starts three small backends and one Fairlead in front of them, with examples/demo.yaml,",
            "and shows live what happens."
        })
final class DemoCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--no-traffic", negatable = false, description = "Without the built-in clients.")
    private boolean noTraffic;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            converter = Time.class,
            description = "Ends after this time, such as 20s or 2m.")
    private @Nullable Duration time;

    @Override
    public Integer call() throws IOException, InterruptedException {
        // The launcher tells where it stands; without it, the current folder is the project's.
        Path file = Path.of(System.getProperty("fairlead.home", "."), "examples", "demo.yaml")
                .normalize();
        ConfigFile.Reading reading = ConfigFile.read(file, System.getenv());
        Config config = reading.config();
        if (config == null) {
            for (Problem problem : reading.problems()) {
                Output.errorsOf(spec).println(problem.text());
            }
            return ExitCode.REFUSED;
        }
        PrintWriter out = Output.of(spec);
        try (Demo demo = new Demo(file, config, out, isTerminal())) {
            Runtime.getRuntime().addShutdownHook(new Thread(demo::close));
            demo.start();
            demo.show(!noTraffic, time);
        }
        return ExitCode.OK;
    }

    private static boolean isTerminal() {
        return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    }

    static final class Time implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String value) {
            try {
                return Duration.parse("PT" + value);
            } catch (java.time.format.DateTimeParseException e) {
                throw new TypeConversionException("a time is written as 20s, 5m or 1h, not '" + value + "'");
            }
        }
    }
}
