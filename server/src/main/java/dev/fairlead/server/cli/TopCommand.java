package dev.fairlead.server.cli;

import dev.fairlead.admin.AdminClient;
import dev.fairlead.server.Table;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "top",
        description = {
            "Shows the greatest Layer 4 flows of a running Fairlead, again and again until it is interrupted.",
            "The rate is that since the last look; the first look gives the mean of the flow's life."
        })
final class TopCommand implements Callable<Integer> {
    private enum By {
        BYTES,
        AGE,
        RATE
    }

    private static final String CLEAR = "\u001b[H\u001b[2J";

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private final AdminOption admin = new AdminOption();

    @Option(names = "--by", description = "bytes, age or rate (${DEFAULT-VALUE}).")
    private By by = By.RATE;

    @Option(names = "--client", paramLabel = "IP[:PORT]", description = "Shows the flows of this client alone.")
    private @Nullable String onlyOf;

    @Option(names = "--count", description = "How many flows, 1 to 1000 (${DEFAULT-VALUE}).")
    private int count = 20;

    @Option(names = "--every", description = "Seconds between two looks (${DEFAULT-VALUE}).")
    private int everySeconds = 2;

    @Option(names = "--once", description = "Looks once, and ends.")
    private boolean once;

    @Override
    public Integer call() throws IOException, InterruptedException {
        AdminClient client = admin.client();
        String path = "/flows?top=" + count + "&by=" + by.name().toLowerCase(Locale.ROOT)
                + (onlyOf == null ? "" : "&client=" + URLEncoder.encode(onlyOf, StandardCharsets.UTF_8));
        while (true) {
            AdminClient.Reply reply = client.get(path);
            if (reply.status() != 200) {
                Output.errorsOf(spec).println("fairlead: " + ((Map<?, ?>) reply.tree()).get("error"));
                return ExitCode.REFUSED;
            }
            String table = table(AdminClient.objects(reply.tree()));
            Output.of(spec).print(once ? table : CLEAR + table);
            Output.of(spec).flush();
            if (once) {
                return ExitCode.OK;
            }
            Thread.sleep(Math.max(1, everySeconds) * 1000L);
        }
    }

    private static String table(List<Map<String, Object>> flows) {
        Table table = new Table("LISTENER", "CLIENT", "ENDPOINT", "WHY", "AGE", "IN", "OUT", "RATE");
        for (Map<String, Object> flow : flows) {
            table.row(List.of(
                    String.valueOf(flow.get("listener")),
                    String.valueOf(flow.get("client")),
                    String.valueOf(flow.get("endpoint")),
                    String.valueOf(flow.get("why")),
                    number(flow, "age-ms") / 1000 + "s",
                    size(number(flow, "bytes-in")),
                    size(number(flow, "bytes-out")),
                    size(number(flow, "bytes-per-second")) + "/s"));
        }
        return table.toString();
    }

    private static long number(Map<String, Object> flow, String key) {
        return ((Number) flow.getOrDefault(key, 0L)).longValue();
    }

    private static String size(long bytes) {
        if (bytes < 10_000) {
            return bytes + "B";
        }
        double value = bytes;
        int unit = -1;
        do {
            value /= 1024;
            unit++;
        } while (value >= 10_000);
        return String.format(Locale.ROOT, "%.0f%ciB", value, "KMGT".charAt(unit));
    }
}
