package dev.fairlead.server.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The top of the command line: `fairlead COMMAND`.
@Command(
        name = "fairlead",
        description = "A load balancer for Layer 4 and Layer 7.",
        subcommands = {
            RunCommand.class,
            CheckCommand.class,
            ReloadCommand.class,
            ShowCommand.class,
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
            "Exit status: 0 done; 1 the config has problems or a reload was refused;",
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
                    PrintWriter err = command.getErr();
                    if (failed instanceof java.io.IOException) {
                        err.println("fairlead: " + failed.getMessage());
                        return ExitCode.UNAVAILABLE;
                    }
                    throw failed;
                });
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
