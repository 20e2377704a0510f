package dev.fairlead.server.cli;

import dev.fairlead.admin.AdminClient;
import dev.fairlead.admin.Json;
import dev.fairlead.admin.Operations.Explained;
import dev.fairlead.admin.RequestQuestion;
import dev.fairlead.config.Config;
import dev.fairlead.config.ConfigFile;
import dev.fairlead.server.Explain;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "explain",
        description = {
            "Tells where a request goes, and why; or a new flow of Layer 4, by `tcp://IP:PORT` or `udp://IP:PORT`.",
            "Nothing is sent, changed or counted.",
            "Asks the running Fairlead; with --config a file that need not run."
        })
final class ExplainCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(arity = "1..2", paramLabel = "[METHOD] URL", description = "GET when no method is given.")
    private List<String> request = List.of();

    @Option(
            names = {"-H", "--header"},
            paramLabel = "'NAME: VALUE'",
            description = "A field of the request. May be given several times.")
    private List<String> headers = List.of();

    @Option(
            names = {"--client", "--from"},
            paramLabel = "IP[:PORT]",
            description = "Who connects (${DEFAULT-VALUE}); the port matters for flows alone.")
    private String client = "127.0.0.1";

    @Option(names = "--config", paramLabel = "FILE", description = "Asks this file instead of the running process.")
    private @Nullable Path config;

    @Option(
            names = "--listener",
            paramLabel = "NAME",
            description = "The listener. Absent: the one at the URL's port, or the only one.")
    private @Nullable String listener;

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Mixin
    private final AdminOption admin = new AdminOption();

    @Override
    public Integer call() throws IOException {
        String method = request.size() == 2 ? request.getFirst() : "GET";
        var question = new RequestQuestion(method, request.getLast(), headers, client, listener);
        for (String header : headers) {
            if (header.indexOf(':') < 1) {
                throw new CommandLine.ParameterException(
                        Objects.requireNonNull(spec).commandLine(), "a field is `Name: value`, not: " + header);
            }
        }
        return config == null ? live(question) : offline(config, question);
    }

    private int offline(Path file, RequestQuestion question) {
        ConfigFile.Reading reading = ConfigFile.read(file, System.getenv());
        Config read = reading.config();
        if (read == null) {
            reading.problems().forEach(each -> Output.errorsOf(spec).println(each.text()));
            return ExitCode.REFUSED;
        }
        return switch (Explain.offline(read, question)) {
            case Explained.Done(Map<String, Object> tree) -> print(tree);
            case Explained.Unknown(String reason) -> unknown(reason);
        };
    }

    @SuppressWarnings("unchecked") // The tree of a JSON text has string keys.
    private int live(RequestQuestion question) throws IOException {
        AdminClient.Reply reply = admin.client().explain(question);
        Map<String, Object> tree = (Map<String, Object>) reply.tree();
        return reply.status() == 200 ? print(tree) : unknown(String.valueOf(tree.get("error")));
    }

    private int print(Map<String, Object> tree) {
        Output.of(spec).print(json ? Json.of(tree) : ExplanationText.of(tree));
        Output.of(spec).flush();
        return ExitCode.OK;
    }

    private int unknown(String reason) {
        Output.errorsOf(spec).println("fairlead: " + reason);
        return ExitCode.REFUSED;
    }
}
