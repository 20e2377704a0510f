package dev.fairlead.server;

import dev.fairlead.admin.Operations.Explained;
import dev.fairlead.admin.RequestQuestion;
import dev.fairlead.config.AddressRange;
import dev.fairlead.config.Config;
import dev.fairlead.config.HttpListenerSpec;
import dev.fairlead.http.HttpPlane;
import dev.fairlead.http.explain.Explanation;
import dev.fairlead.http.explain.Question;
import dev.fairlead.http.explain.Url;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.Plane;
import dev.fairlead.upstream.Upstreams;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/// Finds the listener that a request would come to, and lets it tell what becomes of it: on the running process, or
/// by a config that does not run.
public final class Explain {
    private final List<Listener> listeners;

    private Explain(List<Listener> listeners) {
        this.listeners = List.copyOf(listeners);
    }

    /// A listener that may be asked.
    private record Listener(String name, List<AddressRange> addresses, Function<Question, Explanation> explain) {
        String text() {
            List<String> ports =
                    addresses.stream().map(AddressRange::portText).distinct().toList();
            boolean isOne = ports.size() == 1 && addresses.getFirst().ports() == 1;
            return name + (isOne ? " (port " : " (ports ") + String.join(", ", ports) + ")";
        }

        boolean hasPort(int port) {
            return addresses.stream().anyMatch(each -> each.hasPort(port));
        }

        boolean hasAddress(String host, int port) {
            return addresses.stream()
                    .anyMatch(
                            each -> each.hasPort(port) && host.equals(each.ip().getHostAddress()));
        }
    }

    /// What came of the question.
    public sealed interface Outcome {
        record Done(Explanation explanation) implements Outcome {}

        record Unknown(String reason) implements Outcome {}
    }

    static Explained live(Collection<Plane> planes, RequestQuestion question) {
        if (FlowExplanation.isAsked(question)) {
            return FlowExplanation.live(planes, question);
        }
        List<Listener> listeners = new ArrayList<>();
        for (Plane plane : planes) {
            if (plane instanceof HttpPlane http) {
                listeners.add(new Listener(http.spec().name(), http.boundAddresses(), http::explain));
            }
        }
        return new Explain(listeners).explained(question);
    }

    /// By a config that does not run: a request or a flow.
    public static Explained offline(Config config, RequestQuestion question) {
        return FlowExplanation.isAsked(question)
                ? FlowExplanation.offline(config, upstreams(config), question)
                : offline(config).explained(question);
    }

    private Explained explained(RequestQuestion question) {
        return switch (ask(question)) {
            case Outcome.Done(Explanation explanation) -> new Explained.Done(ExplanationTree.of(explanation));
            case Outcome.Unknown(String reason) -> new Explained.Unknown(reason);
        };
    }

    private static Upstreams upstreams(Config config) {
        var upstreams = new Upstreams(new Metrics());
        config.upstreams().values().forEach(upstreams::put);
        return upstreams;
    }

    /// The listeners of a config. Endpoints are as it has them: names are not looked up, and nothing is known of their
    /// health.
    public static Explain offline(Config config) {
        Upstreams upstreams = upstreams(config);
        List<Listener> listeners = new ArrayList<>();
        config.listeners().values().forEach(spec -> {
            if (spec instanceof HttpListenerSpec http) {
                listeners.add(new Listener(http.name(), http.addresses(), HttpPlane.explaining(http, upstreams)));
            }
        });
        return new Explain(listeners);
    }

    /// What becomes of a request. Any thread.
    public Outcome ask(RequestQuestion question) {
        if (FlowExplanation.isAsked(question)) {
            return new Outcome.Unknown("a flow is no request: " + question.url());
        }
        Url url = Url.of(question.url());
        if (url == null) {
            return new Outcome.Unknown("no URL: " + question.url() + "; give one such as http://shop.example/users/7");
        }
        InetAddress client;
        try {
            client = InetAddress.ofLiteral(question.client());
        } catch (IllegalArgumentException malformed) {
            return new Outcome.Unknown("no IP address: " + question.client());
        }
        List<Listener> fitting = fitting(question, url);
        if (fitting.size() != 1) {
            List<String> names = (fitting.isEmpty() ? listeners : fitting)
                    .stream().map(Listener::text).toList();
            return new Outcome.Unknown(
                    fitting.isEmpty()
                            ? "no listener for it; with `protocol: http` there are " + names
                            : "several listeners may get it: name one of " + names);
        }
        return new Outcome.Done(
                fitting.getFirst().explain().apply(new Question(question.method(), url, question.headers(), client)));
    }

    /// The named one; else those at the URL's port, of these the ones at its address; else the only one there is, for
    /// the port that clients know is often another one.
    private List<Listener> fitting(RequestQuestion question, Url url) {
        String name = question.listener();
        if (name != null) {
            return listeners.stream().filter(each -> each.name().equals(name)).toList();
        }
        List<Listener> atPort =
                listeners.stream().filter(each -> each.hasPort(url.port())).toList();
        List<Listener> atAddress = atPort.stream()
                .filter(each -> each.hasAddress(url.host(), url.port()))
                .toList();
        if (!atAddress.isEmpty()) {
            return atAddress;
        }
        return atPort.isEmpty() && listeners.size() == 1 ? listeners : atPort;
    }
}
