package dev.fairlead.server.cli;

import dev.fairlead.config.Config;
import dev.fairlead.config.ConfigFile;
import dev.fairlead.server.HeadStart;
import dev.fairlead.server.Service;
import java.io.IOException;
import java.io.PrintWriter;
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
        return run(file, Output.errorsOf(spec));
    }

    static int run(Path file, PrintWriter errors) throws IOException, InterruptedException {
        HeadStart.begin();
        Config config = read(file, errors);
        if (config == null) {
            return ExitCode.REFUSED;
        }
        Service.run(file, config);
        return ExitCode.OK;
    }

    /// What was read beside the config, the text and its tree, is let go of here: it is larger than all that runs.
    private static @Nullable Config read(Path file, PrintWriter errors) {
        ConfigFile.Reading reading = ConfigFile.read(file, System.getenv());
        reading.problems().forEach(problem -> errors.println(problem.text()));
        return reading.config();
    }
}
