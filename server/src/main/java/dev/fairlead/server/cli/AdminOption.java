package dev.fairlead.server.cli;

import dev.fairlead.admin.AdminClient;
import picocli.CommandLine.Option;

/// Where the running Fairlead's admin API is.
final class AdminOption {
    @Option(
            names = "--admin",
            paramLabel = "HOST:PORT",
            description = "The admin address of the running Fairlead (${DEFAULT-VALUE}).")
    private String address = "127.0.0.1:9090";

    AdminClient client() {
        return new AdminClient(address);
    }
}
