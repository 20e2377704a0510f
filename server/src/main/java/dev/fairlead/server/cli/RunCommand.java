package dev.fairlead.server.cli;

import dev.fairlead.config.Config;
import dev.fairlead.config.ConfigFile;
import dev.fairlead.config.Problem;
import dev.fairlead.server.Service;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "run",
        description = {
            "Runs Fairlead in the foreground.",
            "SIGTERM and SIGINT drain and exit, a second one exits at once; SIGHUP reloads and opens logs again."
        })
final class RunCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "The config file.")
    private Path file = Path.of("fairlead.yaml");

    @Override
    public Integer call() throws IOException, InterruptedException {
        ConfigFile.Reading reading = ConfigFile.read(file, System.getenv());
        for (Problem problem : reading.problems()) {
            Output.errorsOf(spec).println(problem.text());
        }
        Config config = reading.config();
        if (config == null) {
            return ExitCode.REFUSED;
        }
        Service.run(file, config);
        return ExitCode.OK;
    }
}
