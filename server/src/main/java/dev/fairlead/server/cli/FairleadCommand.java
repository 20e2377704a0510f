package dev.fairlead.server.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The top of the command line: `fairlead COMMAND`.
@Command(
        name = "fairlead",
        description = "A load balancer for Layer 4 and Layer 7.",
        subcommands = {
            RunCommand.class,
            CheckCommand.class,
            ExplainCommand.class,
            TestCommand.class,
            ReloadCommand.class,
            ShowCommand.class,
            TopCommand.class,
            KernelCommand.class,
            CacheCommand.class,
            DemoCommand.class,
            SchemaCommand.class,
            ReferenceCommand.class,
            VersionCommand.class,
            CommandLine.HelpCommand.class
        },
        mixinStandardHelpOptions = true,
        versionProvider = FairleadCommand.Version.class,
        footer = {
            "",
            "Exit status: 0 done; 1 the config has problems, a test failed or a reload was refused;",
            "2 the command line is wrong; 3 an address is taken or Fairlead does not answer."
        })
public final class FairleadCommand {
    public static int execute(String... args) {
        return commandLine().execute(args.length == 0 ? new String[] {"help"} : args);
    }

    static CommandLine commandLine() {
        return new CommandLine(new FairleadCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failed, command, _) -> {
                    if (failed instanceof IOException unavailable) {
                        return unavailable(unavailable, command.getErr());
                    }
                    throw failed;
                });
    }

    static int unavailable(IOException reason, PrintWriter errors) {
        errors.println("fairlead: " + reason.getMessage());
        return ExitCode.UNAVAILABLE;
    }

    @Command(
            name = "drain",
            description = {
                "Gives an endpoint nothing new; what is on it comes to its end.",
                "With --listener a listener accepts nothing new, for as long as drain-timeout says.",
                "`fairlead show` says when nothing is left. It outlasts reloads; `auto` ends it."
            })
    int drain(
            @Mixin Order order,
            @Option(names = "--timeout", paramLabel = "SECONDS", description = "Then flows that are left are cut.")
                    int timeoutSeconds,
            @Option(names = "--listener", paramLabel = "NAME", description = "Drains a listener instead.") @Nullable
                    String listener)
            throws IOException {
        if (listener != null) {
            return order.sendToListener(listener, "drain");
        }
        return order.send(timeoutSeconds > 0 ? "drain?timeout=" + timeoutSeconds : "drain");
    }

    @Command(
            name = "down",
            description = "Does not use an endpoint, not even when nothing else is left. `auto` ends it.")
    int down(@Mixin Order order) throws IOException {
        return order.send("down");
    }

    @Command(name = "up", description = "Uses an endpoint, whatever probes and traffic say. `auto` ends it.")
    int up(@Mixin Order order) throws IOException {
        return order.send("up");
    }

    @Command(
            name = "auto",
            description = "Lets probes and traffic decide about an endpoint again; or lets a listener accept again.")
    int auto(
            @Mixin Order order,
            @Option(names = "--listener", paramLabel = "NAME", description = "A listener that was drained.") @Nullable
                    String listener)
            throws IOException {
        return listener == null ? order.send("auto") : order.sendToListener(listener, "auto");
    }

    @Command(name = "weight", description = "Gives an endpoint another weight than the config does, until `auto`.")
    int weight(
            @Mixin Order order,
            @Parameters(index = "2", paramLabel = "WEIGHT", description = "0 to 1000, or auto.") String weight)
            throws IOException {
        return order.send("weight?value=" + URLEncoder.encode(weight, StandardCharsets.UTF_8));
    }

    /// The version as the build has stamped it into the module.
    static String version() {
        var descriptor = Main.class.getModule().getDescriptor();
        return descriptor == null ? "unknown" : descriptor.rawVersion().orElse("unknown");
    }

    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"fairlead " + version()};
        }
    }
}
