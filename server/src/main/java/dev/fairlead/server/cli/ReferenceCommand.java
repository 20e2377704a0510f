package dev.fairlead.server.cli;

import dev.fairlead.config.ConfigReference;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "reference", description = "Prints the reference page of the config file, as Markdown.", hidden = true)
final class ReferenceCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        Output.of(spec).println(ConfigReference.markdown().stripTrailing());
        return ExitCode.OK;
    }
}
