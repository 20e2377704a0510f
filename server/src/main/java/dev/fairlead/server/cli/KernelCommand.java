package dev.fairlead.server.cli;

import dev.fairlead.kernel.KernelRemains;
import dev.fairlead.server.Table;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Looks into Linux itself: it works whether a Fairlead runs or not.
@Command(
        name = "kernel",
        description = {
            "Shows what listeners with `carrier: kernel` have in Linux, or removes what a process has left there.",
            "Runs on the host itself, with the same rights as Fairlead."
        })
final class KernelCommand implements java.util.concurrent.Callable<Integer> {
    private enum Act {
        STATUS,
        CLEAN
    }

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(
            paramLabel = "status|clean",
            description = "status: shows it. clean: removes it, when no process has it; its flows are lost.")
    private @Nullable Act act;

    @Option(
            names = "--pins",
            paramLabel = "DIRECTORY",
            description = "The config's `kernel: {pins: ...}` (${DEFAULT-VALUE}).")
    private Path pins = Path.of("/sys/fs/bpf/fairlead");

    @Override
    public Integer call() throws IOException {
        PrintWriter out = Output.of(spec);
        KernelRemains remains = KernelRemains.read(pins);
        if (remains == null) {
            out.println("nothing is pinned in " + pins);
            return ExitCode.OK;
        }
        if (act == Act.CLEAN) {
            return clean(remains, out);
        }
        out.print(text(remains));
        out.flush();
        return ExitCode.OK;
    }

    private int clean(KernelRemains remains, PrintWriter out) throws IOException {
        if (remains.process() != null) {
            Output.errorsOf(spec).println("fairlead: process " + remains.process() + " has it: end that one first");
            return ExitCode.REFUSED;
        }
        KernelRemains.clean(pins);
        out.println("removed from " + String.join(", ", remains.interfaces()) + ": " + remains.flows() + " flows");
        return ExitCode.OK;
    }

    private static String text(KernelRemains remains) {
        StringBuilder text = new StringBuilder();
        text.append("pins        ").append(remains.directory()).append('\n');
        text.append("process     ")
                .append(remains.process() == null ? "none: Linux goes on alone" : remains.process())
                .append('\n');
        text.append("generation  ").append(remains.generation()).append('\n');
        text.append("interfaces  ")
                .append(String.join(", ", remains.interfaces()))
                .append('\n');
        if (!remains.isKnown()) {
            return text.append("tables      of another version of Fairlead\n").toString();
        }
        text.append("flows       ").append(remains.flows()).append("\n\n");
        Table table = new Table("ADDRESS", "PROTOCOL", "ENDPOINTS");
        for (KernelRemains.Listener each : remains.listeners()) {
            table.row(List.of(each.address(), each.protocol(), Integer.toString(each.endpoints())));
        }
        return text.append(table).toString();
    }
}
