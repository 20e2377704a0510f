package dev.fairlead.server.cli;

import dev.fairlead.admin.AdminClient;
import dev.fairlead.admin.PurgeOrder;
import dev.fairlead.admin.PurgeOrder.By;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "cache", description = "Shows what a running Fairlead has kept of answers, and makes it forget.")
final class CacheCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                Objects.requireNonNull(spec).commandLine(), "say `status` or `purge` behind it");
    }

    @Command(name = "status", description = "Shows how much is kept, and how often it was of use.")
    int status(@Mixin AdminOption admin) throws IOException {
        var out = Output.of(spec);
        AdminClient.Reply reply = admin.client().get("/cache");
        ((Map<?, ?>) reply.tree()).forEach((name, value) -> {
            if (value instanceof Map<?, ?> counts) {
                counts.forEach((each, count) -> out.println(name + " " + each + ": " + count));
            } else {
                out.println(name + ": " + value);
            }
        });
        return ExitCode.OK;
    }

    @Command(
            name = "purge",
            description = {
                "Forgets kept answers: of a URL with all its variants, of all URLs that begin so, with a tag, or all.",
                "A URL that begins with / is meant for every host."
            })
    int purge(
            @Parameters(arity = "0..1", paramLabel = "URL", description = "Such as http://shop.example/a?b=c.")
                    @Nullable
                    String url,
            @Option(names = "--prefix", paramLabel = "URL", description = "What begins with this.") @Nullable
                    String prefix,
            @Option(
                            names = "--tag",
                            paramLabel = "TAG",
                            description = "What has this word in Cache-Tag or Surrogate-Key.")
                    @Nullable
                    String tag,
            @Option(names = "--all", description = "Everything.") boolean all,
            @Option(names = "--soft", description = "Keeps it, but asks again before it is used.") boolean soft,
            @Mixin AdminOption admin)
            throws IOException {
        if (Stream.of(url, prefix, tag, all ? "" : null)
                        .filter(Objects::nonNull)
                        .count()
                != 1) {
            throw new CommandLine.ParameterException(
                    Objects.requireNonNull(spec).subcommands().get("purge"),
                    "one of URL, --prefix, --tag and --all says what");
        }
        PurgeOrder order = url != null
                ? new PurgeOrder(By.URL, url, soft)
                : prefix != null
                        ? new PurgeOrder(By.PREFIX, prefix, soft)
                        : new PurgeOrder(tag == null ? By.ALL : By.TAG, tag == null ? "true" : tag, soft);
        AdminClient.Reply reply = admin.client().purge(order);
        Map<?, ?> answer = (Map<?, ?>) reply.tree();
        if (reply.status() != 200) {
            Output.errorsOf(spec).println("fairlead: " + answer.get("error"));
            return ExitCode.REFUSED;
        }
        Output.of(spec).println((soft ? "stale: " : "forgotten: ") + answer.get("purged"));
        return ExitCode.OK;
    }
}
