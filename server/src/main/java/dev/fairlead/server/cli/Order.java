package dev.fairlead.server.cli;

import dev.fairlead.admin.AdminClient;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// What the commands about one endpoint have in common: whom they name, and how they tell it.
final class Order {
    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    @Parameters(index = "0", arity = "0..1", paramLabel = "UPSTREAM", description = "The name of the upstream.")
    private String upstream = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "ENDPOINT",
            description = "The endpoint, as `fairlead show` names it.")
    private String endpoint = "";

    @Mixin
    private AdminOption admin = new AdminOption();

    /// `act` is the end of the path, such as `drain`.
    int send(String act) throws IOException {
        if (upstream.isEmpty() || endpoint.isEmpty()) {
            throw new CommandLine.ParameterException(
                    Objects.requireNonNull(spec).commandLine(), "an UPSTREAM and an ENDPOINT are missing");
        }
        AdminClient.Reply reply =
                admin.client().post("/upstreams/" + encoded(upstream) + "/" + encoded(endpoint) + "/" + act);
        Map<?, ?> answer = (Map<?, ?>) reply.tree();
        if (reply.status() != 200) {
            Output.errorsOf(spec).println("fairlead: " + answer.get("error"));
            return ExitCode.REFUSED;
        }
        Output.of(spec)
                .println(upstream + " " + endpoint + ": " + answer.get("manual") + ", weight " + answer.get("weight")
                        + ", " + answer.get("active") + " on it");
        return ExitCode.OK;
    }

    /// `act` is `drain` or `auto`.
    int sendToListener(String listener, String act) throws IOException {
        AdminClient.Reply reply = admin.client().post("/listeners/" + encoded(listener) + "/" + act);
        Map<?, ?> answer = (Map<?, ?>) reply.tree();
        if (reply.status() != 200) {
            Output.errorsOf(spec).println("fairlead: " + answer.get("error"));
            return ExitCode.REFUSED;
        }
        Output.of(spec).println(listener + ": " + answer.get("state"));
        return ExitCode.OK;
    }

    private static String encoded(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8);
    }
}
