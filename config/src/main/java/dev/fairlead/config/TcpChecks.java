package dev.fairlead.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.ToIntFunction;

/// Whether the parts of a tcp listener fit together, and the upstreams that it leads to. Problems are told by their
/// path.
final class TcpChecks {
    private final TcpListenerSpec listener;
    private final String path;
    private final ToIntFunction<String> line;

    /// `line` tells the line of a path.
    TcpChecks(TcpListenerSpec listener, ToIntFunction<String> line) {
        this.listener = listener;
        this.path = "/listeners/" + YamlText.escaped(listener.name());
        this.line = line;
    }

    /// `reference` is told each upstream that is named, and where; `error` takes a path and a message.
    void run(
            Map<String, UpstreamSpec> upstreams,
            BiConsumer<String, String> reference,
            BiConsumer<String, String> error) {
        if (listener.upstream() != null) {
            reference.accept(listener.upstream(), path + "/upstream");
        } else if (listener.routes().isEmpty()) {
            error.accept(path, "the listener leads nowhere: it has neither `upstream` nor `routes`");
        }
        if (listener.flows().isTransparent() && listener.flows().source().size() > 1) {
            error.accept(path + "/source", "`client` stands alone: endpoints see the client's address or one of yours");
        }
        Map<String, Integer> names = new HashMap<>();
        for (int i = 0; i < listener.routes().size(); i++) {
            TcpRouteSpec route = listener.routes().get(i);
            String at = path + "/routes/" + i;
            route(route, at, reference, error);
            Integer first = names.putIfAbsent(route.name(), i);
            if (first != null) {
                int where = line.applyAsInt(path + "/routes/" + first);
                error.accept(at + "/name", "another route is named `" + route.name() + "`, on line " + where);
            }
        }
        for (String name : listener.upstreams()) {
            UpstreamSpec upstream = upstreams.get(name);
            if (upstream != null) {
                new Layer4Checks("tcp", listener, error).run(upstream);
            }
        }
    }

    private static void route(
            TcpRouteSpec route, String at, BiConsumer<String, String> reference, BiConsumer<String, String> error) {
        if (route.upstream() != null) {
            reference.accept(route.upstream(), at + "/upstream");
        }
        for (int i = 0; i < route.split().size(); i++) {
            reference.accept(route.split().get(i).upstream(), at + "/split/" + i + "/upstream");
        }
        if (route.upstream() == null && route.split().isEmpty()) {
            error.accept(at, "the route leads nowhere: it has neither `upstream` nor `split`");
        } else if (route.upstream() != null && !route.split().isEmpty()) {
            error.accept(at + "/split", "`upstream` and `split` exclude each other: keep one");
        } else if (route.upstream() == null && route.split().stream().allMatch(share -> share.weight() == 0)) {
            error.accept(at + "/split", "every share has weight 0: none would take a connection");
        }
    }

    /// The most specific match wins, and of equal ones the first.
    void shadows(BiConsumer<String, String> warning) {
        Map<TcpMatchSpec, Integer> seen = new HashMap<>();
        for (int i = 0; i < listener.routes().size(); i++) {
            TcpRouteSpec route = listener.routes().get(i);
            Integer first = seen.putIfAbsent(route.match(), i);
            if (first != null) {
                warning.accept(
                        path + "/routes/" + i,
                        "the route `" + route.name() + "` never matches: " + told(first)
                                + " comes first and asks for the same");
            }
        }
        Integer all = seen.get(new TcpMatchSpec(null, List.of(), List.of()));
        if (all != null && listener.upstream() != null) {
            warning.accept(
                    path + "/upstream", "no connection gets here: the route " + told(all) + " takes every connection");
        }
    }

    private String told(Integer route) {
        TcpRouteSpec spec = listener.routes().get(Objects.requireNonNull(route));
        return "`" + spec.name() + "` on line " + line.applyAsInt(path + "/routes/" + route);
    }
}
