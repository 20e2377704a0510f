package dev.fairlead.server.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;

/// Where the process begins: hands the arguments to the commands.
public final class Main {
    private Main() {}

    public static void main(String[] args) throws InterruptedException {
        System.exit(isPlainRun(args) ? run(Path.of(args[1])) : FairleadCommand.execute(args));
    }

    /// `run FILE`, as a service manager starts it. The model of all commands, which nothing is asked of then, would be
    /// a third of what is waited for until traffic is let in.
    private static boolean isPlainRun(String[] args) {
        return args.length == 2 && args[0].equals("run") && !args[1].startsWith("-") && !args[1].startsWith("@");
    }

    private static int run(Path file) throws InterruptedException {
        var errors = new PrintWriter(System.err, true, System.err.charset());
        try {
            return RunCommand.run(file, errors);
        } catch (IOException unavailable) {
            return FairleadCommand.unavailable(unavailable, errors);
        }
    }
}
