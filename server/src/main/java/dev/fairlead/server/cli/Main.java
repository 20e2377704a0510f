package dev.fairlead.server.cli;

/// Where the process begins: hands the arguments to the commands.
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(FairleadCommand.execute(args));
    }
}
