package dev.fairlead.server.cli;

import dev.fairlead.kernel.KernelRemains;
import dev.fairlead.kernel.nft.NftRemains;
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
            "Shows what listeners with `carrier: kernel`, `ebpf` or `nft` have in Linux, or removes what a process has left there.",
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

    @Option(
            names = "--table",
            paramLabel = "NAME",
            description = "The config's `kernel: {table: ...}` (${DEFAULT-VALUE}).")
    private String table = "fairlead";

    @Override
    public Integer call() throws IOException {
        PrintWriter out = Output.of(spec);
        KernelRemains pinned = KernelRemains.read(pins);
        NftRemains tabled = tabled(out);
        if (act == Act.CLEAN) {
            return clean(pinned, tabled, out);
        }
        out.print(pinned == null ? "nothing is pinned in " + pins + "\n" : text(pinned));
        out.print(tabled == null ? "there is no table " + table + "\n" : text(tabled));
        out.flush();
        return ExitCode.OK;
    }

    /// Where nftables cannot be asked, there may still be something pinned.
    private @Nullable NftRemains tabled(PrintWriter out) {
        try {
            return NftRemains.read(table);
        } catch (IOException untold) {
            out.println(untold.getMessage());
            return null;
        }
    }

    private int clean(@Nullable KernelRemains pinned, @Nullable NftRemains tabled, PrintWriter out) throws IOException {
        if (pinned == null && tabled == null) {
            out.println("nothing is pinned in " + pins + ", and there is no table " + table);
            return ExitCode.OK;
        }
        // Each by itself: what one process has is no reason to leave what another has left.
        boolean isRefused = false;
        if (pinned != null && pinned.process() != null) {
            isRefused = refuse(pinned.process(), pins.toString());
        } else if (pinned != null) {
            KernelRemains.clean(pins);
            out.println("removed from " + String.join(", ", pinned.interfaces()) + ": " + pinned.flows() + " flows");
        }
        if (tabled != null && tabled.process() != null) {
            isRefused = refuse(tabled.process(), "the table " + table);
        } else if (tabled != null) {
            NftRemains.clean(table);
            out.println("removed the table " + table + ": " + tabled.flows() + " flows");
        }
        out.flush();
        return isRefused ? ExitCode.REFUSED : ExitCode.OK;
    }

    private boolean refuse(long process, String what) {
        Output.errorsOf(spec).println("fairlead: process " + process + " has " + what + ": end that one first");
        return true;
    }

    private static String text(KernelRemains remains) {
        StringBuilder text = new StringBuilder();
        text.append("pins        ").append(remains.directory()).append('\n');
        text.append(text(remains.process(), remains.generation()));
        text.append("interfaces  ")
                .append(String.join(", ", remains.interfaces()))
                .append('\n');
        if (!remains.isKnown()) {
            return text.append("tables      none that this version of Fairlead can read\n")
                    .toString();
        }
        text.append("flows       ").append(remains.flows()).append("\n\n");
        Table table = listeners();
        for (KernelRemains.Listener each : remains.listeners()) {
            table.row(List.of(each.address(), each.protocol(), Integer.toString(each.endpoints())));
        }
        return text.append(table).append('\n').toString();
    }

    private static String text(NftRemains remains) {
        StringBuilder text = new StringBuilder();
        text.append("table       ").append(remains.table()).append('\n');
        text.append(text(remains.process(), remains.generation()));
        text.append("flows       ").append(remains.flows()).append("\n\n");
        Table table = listeners();
        for (NftRemains.Listener each : remains.listeners()) {
            table.row(List.of(each.address(), each.protocol(), Integer.toString(each.endpoints())));
        }
        return text.append(table).toString();
    }

    private static String text(@Nullable Long process, long generation) {
        return "process     " + (process == null ? "none: Linux goes on alone" : process) + "\ngeneration  "
                + generation + "\n";
    }

    private static Table listeners() {
        return new Table("ADDRESS", "PROTOCOL", "ENDPOINTS");
    }
}
