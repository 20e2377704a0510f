package dev.fairlead.server.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/// Where the process begins: hands the arguments to the commands.
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        Path file = ofPlainRun(args);
        System.exit(file == null ? FairleadCommand.execute(args) : run(file));
    }

    /// The file of `run FILE`, as a service manager starts it; else null. The model of all commands, which nothing is
    /// asked of then, would be a third of what is waited for until traffic is let in.
    static @Nullable Path ofPlainRun(String[] args) {
        if (args.length != 2 || !args[0].equals("run") || args[1].startsWith("-") || args[1].startsWith("@")) {
            return null;
        }
        try {
            return Path.of(args[1]);
        } catch (InvalidPathException malformed) {
            return null;
        }
    }

    private static int run(Path file) {
        var errors = new PrintWriter(System.err, true, System.err.charset());
        return exitCode(() -> RunCommand.run(file, errors), errors);
    }

    /// Always there is one: threads that go on would keep a process alive that serves nobody, and nobody would start it
    /// again.
    static int exitCode(Callable<Integer> run, PrintWriter errors) {
        try {
            return run.call();
        } catch (IOException unavailable) {
            return FairleadCommand.unavailable(unavailable, errors);
        } catch (Exception | Error broken) {
            errors.println("fairlead: ended by what nobody expected: " + broken);
            broken.printStackTrace(errors);
            return ExitCode.REFUSED;
        }
    }
}
