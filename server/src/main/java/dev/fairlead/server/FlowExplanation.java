package dev.fairlead.server;

import dev.fairlead.admin.Operations.Explained;
import dev.fairlead.admin.RequestQuestion;
import dev.fairlead.config.Address;
import dev.fairlead.config.AddressRange;
import dev.fairlead.config.Config;
import dev.fairlead.config.HttpListenerSpec;
import dev.fairlead.config.ListenerSpec;
import dev.fairlead.config.TcpListenerSpec;
import dev.fairlead.config.UdpListenerSpec;
import dev.fairlead.net.ClientLists;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Forecast;
import dev.fairlead.upstream.Plane;
import dev.fairlead.upstream.Standing;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.Upstreams;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Tells where a new flow of a client would go: the question names the listener by `tcp://10.0.0.10:5432` or `udp://`.
final class FlowExplanation {
    private static final Pattern URL = Pattern.compile("(tcp|udp)://([^/]+)/?");

    private FlowExplanation() {}

    /// Whether it is about a flow, and not about a request.
    static boolean isAsked(RequestQuestion question) {
        return question.url().startsWith("tcp://") || question.url().startsWith("udp://");
    }

    /// A listener that may be asked: null when it is not of Layer 4. `unknown`: what would have to be known besides.
    private record Listener(
            ListenerSpec spec,
            List<AddressRange> addresses,
            Function<InetSocketAddress, @Nullable Forecast> forecast,
            Function<@Nullable Upstream, List<String>> unknown) {
        /// Null when it is not of Layer 4. Whom its lists turn away goes nowhere.
        @Nullable
        Forecast of(InetSocketAddress client) {
            Forecast admitted = forecast.apply(client);
            return admitted == null || lists().admit(client.getAddress())
                    ? admitted
                    : new Forecast(admitted.carrier(), null, List.of(), "`clients` turn it away");
        }

        private ClientLists lists() {
            return switch (spec) {
                case TcpListenerSpec tcp
                when tcp.clients() != null ->
                    new ClientLists(tcp.clients().allow(), tcp.clients().deny());
                case UdpListenerSpec udp
                when udp.clients() != null ->
                    new ClientLists(udp.clients().allow(), udp.clients().deny());
                case TcpListenerSpec _, UdpListenerSpec _, HttpListenerSpec _ -> new ClientLists(List.of(), List.of());
            };
        }

        boolean isAt(@Nullable String name, boolean isUdp, Address to) {
            if (name != null) {
                return spec.name().equals(name);
            }
            return spec instanceof UdpListenerSpec == isUdp
                    && addresses.stream()
                            .anyMatch(each -> each.hasPort(to.port())
                                    && (each.ip().isAnyLocalAddress()
                                            || each.ip().equals(to.ip())));
        }
    }

    static Explained live(Collection<Plane> planes, RequestQuestion question) {
        return of(
                planes.stream()
                        .map(each -> new Listener(each.spec(), each.boundAddresses(), each::forecast, _ -> List.of()))
                        .toList(),
                question);
    }

    static Explained offline(Config config, Upstreams upstreams, RequestQuestion question) {
        ConfigForecast forecast = new ConfigForecast(config, upstreams);
        return of(
                config.listeners().values().stream()
                        .map(each -> new Listener(
                                each,
                                each.addresses(),
                                client -> forecast.of(each, client),
                                upstream -> forecast.unknown(each, upstream)))
                        .toList(),
                question);
    }

    private static Explained of(List<Listener> listeners, RequestQuestion question) {
        Matcher url = URL.matcher(question.url());
        Address to = url.matches() ? Address.ofClient(url.group(2)) : null;
        if (to == null || to.port() == 0) {
            return new Explained.Unknown("no address: " + question.url() + "; give one such as tcp://10.0.0.10:5432");
        }
        Address client = Address.ofClient(question.client());
        if (client == null) {
            return new Explained.Unknown("no IP address: " + question.client());
        }
        boolean isUdp = url.group(1).equals("udp");
        for (Listener each : listeners) {
            Forecast forecast = each.isAt(question.listener(), isUdp, to) ? each.of(client.socketAddress()) : null;
            if (forecast != null) {
                return new Explained.Done(tree(each, url.group(1), to.port(), question.client(), forecast));
            }
        }
        return new Explained.Unknown("no listener of Layer 4 is at " + question.url());
    }

    private static Map<String, Object> tree(
            Listener listener, String protocol, int port, String client, Forecast forecast) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("listener", listener.spec.name());
        tree.put("protocol", protocol);
        tree.put("carrier", forecast.carrier());
        tree.put("client", client);
        tree.put("why", forecast.how());
        List<String> unknown = listener.unknown.apply(forecast.upstream());
        if (!unknown.isEmpty()) {
            tree.put("unknown", unknown);
        }
        List<Endpoint> candidates = forecast.candidates();
        if (candidates.size() == 1) {
            tree.put("endpoint", candidates.getFirst().spec().address().place(port));
        }
        Upstream upstream = forecast.upstream();
        if (upstream != null) {
            tree.put("upstream", upstream.name());
            tree.put("panic", upstream.isPanicking());
            tree.put("sticky", upstream.spec().sticky() != null);
            tree.put(
                    "endpoints",
                    upstream.endpoints().stream()
                            .map(each -> endpoint(each, candidates.contains(each)))
                            .toList());
        }
        return tree;
    }

    private static Map<String, Object> endpoint(Endpoint endpoint, boolean isCandidate) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("address", endpoint.name());
        tree.put("weight", endpoint.weight());
        tree.put("health", endpoint.health().name().toLowerCase(Locale.ROOT));
        tree.put("state", Standing.of(endpoint));
        tree.put("candidate", isCandidate);
        return tree;
    }
}
