package dev.fairlead.config;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// What no single key can tell: whether the parts of a config fit together.
///
/// Errors are looked for even when other places are broken; a place that is broken gets no second complaint.
/// Warnings only when there is no error, since a half-read file would give false ones.
final class Checks {
    private final Config config;
    private final Node root;
    private final Problems problems;
    /// Of the file, not of the config: an upstream that is wrong in itself is still one that may be named.
    private final Set<String> upstreamNames = new TreeSet<>();

    private final Set<String> used = new LinkedHashSet<>();

    Checks(Config config, Node root, Problems problems) {
        this.config = config;
        this.root = root;
        this.problems = problems;
        if (YamlText.at(root, "/upstreams") instanceof MappingNode mapping && !mapping.equals(root)) {
            for (NodeTuple tuple : mapping.getValue()) {
                if (tuple.getKeyNode() instanceof ScalarNode name) {
                    upstreamNames.add(name.getValue());
                }
            }
        }
    }

    void run() {
        config.listeners().values().forEach(this::listener);
        new AddressChecks(config, root, this::error).run();
        config.upstreams().values().forEach(this::upstream);
        resolver();
        new KernelChecks(config, this::error).run();
        new AcmeChecks(config, this::line, this::error).run();
        new TestChecks(config, this::error).run();
        if (!problems.hasErrors()) {
            warnings();
        }
    }

    private void listener(ListenerSpec listener) {
        String path = "/listeners/" + YamlText.escaped(listener.name());
        switch (listener) {
            case TcpListenerSpec tcp -> {
                new TcpChecks(tcp, this::line).run(config.upstreams(), this::reference, this::error);
                new ClientChecks(this::error).listener(tcp.proxyProtocol(), tcp.clients(), path);
            }
            case UdpListenerSpec udp -> {
                reference(udp.upstream(), path + "/upstream");
                UpstreamSpec upstream = config.upstreams().get(udp.upstream());
                if (upstream != null) {
                    new Layer4Checks("udp", udp, this::error).run(upstream);
                }
                new UdpChecks(udp, upstream, this::error).run();
            }
            case HttpListenerSpec http -> http(http, path);
        }
        Carrier carrier = KernelFit.carrier(listener);
        // A broken address has a stand-in, of which Linux would have much to say.
        if (carrier != null && carrier.isLinux() && !problems.isBroken(path + "/address")) {
            KernelFit.of(listener, carrier, config.upstreams())
                    .forEach(each -> error(each.path(), each.reason() + " (`carrier: " + carrier.word() + "`)"));
        }
    }

    private void http(HttpListenerSpec listener, String path) {
        if (listener.upstream() != null) {
            reference(listener.upstream(), path + "/upstream");
        } else if (listener.routes().isEmpty()) {
            error(path, "the listener leads nowhere: it has neither `upstream` nor `routes`");
        }
        if (listener.upgrades().contains("h2c")) {
            error(path + "/upgrades", "`h2c` would let a client past every route and limit: it is never passed on");
        }
        new ClientChecks(this::error).listener(listener.proxyProtocol(), listener.clients(), path);
        new ClientChecks(this::error).http(listener, upstreamsOf(listener));
        new PortChecks(this::error).http(listener, upstreamsOf(listener));
        new ActionChecks(this::error).listener(listener, path);
        if (listener.tls() != null) {
            new TlsChecks(this::error).listener(listener.tls(), path + "/tls");
        }
        new Http3Checks(this::error).listener(listener, path);
        Map<String, Integer> names = new HashMap<>();
        for (int i = 0; i < listener.routes().size(); i++) {
            RouteSpec route = listener.routes().get(i);
            String at = path + "/routes/" + i;
            new DestinationChecks(route, at, this::reference, this::error).run();
            new ActionChecks(this::error).route(route, at);
            new MatchChecks(this::error).run(route.match(), at + "/match");
            if (listener.tls() == null) {
                new TlsChecks(this::error).match(route.match(), at + "/match");
            }
            Integer first = names.putIfAbsent(route.name(), i);
            if (first != null) {
                int line = line(path + "/routes/" + first);
                error(at + "/name", "another route is named `" + route.name() + "`, on line " + line);
            }
        }
    }

    private List<UpstreamSpec> upstreamsOf(HttpListenerSpec listener) {
        Stream<String> routed = listener.routes().stream().flatMap(route -> upstreamsOf(route));
        return Stream.concat(routed, Stream.ofNullable(listener.upstream()))
                .distinct()
                .flatMap(name -> Stream.ofNullable(config.upstreams().get(name)))
                .toList();
    }

    private static Stream<String> upstreamsOf(RouteSpec route) {
        Stream<String> split = route.split().stream().map(ShareSpec::upstream);
        MirrorSpec mirror = route.mirror();
        Stream<String> copied = mirror == null ? Stream.empty() : Stream.of(mirror.upstream());
        return Stream.of(Stream.ofNullable(route.upstream()), split, copied).flatMap(each -> each);
    }

    private void balancer(UpstreamSpec upstream) {
        String path = "/upstreams/" + YamlText.escaped(upstream.name()) + "/balancer/key";
        int bound = upstream.balancer().loadBound();
        if (bound > 0 && bound < 100) {
            error(
                    "/upstreams/" + YamlText.escaped(upstream.name()) + "/balancer/load-bound",
                    "expected 0 for no bound, or 100 to 1000, found `" + bound
                            + "`: below 100 no endpoint might have its whole share");
        }
        HashKeySpec key = upstream.balancer().key();
        if (key == null) {
            return;
        }
        List<String> given = key.given();
        if (given.isEmpty()) {
            error(path, "the key is empty: name a `header`, a `cookie` or a `query`, or write `key: source-address`");
        } else if (given.size() > 1) {
            error(path, Nearest.list(given, "and") + " exclude each other: keep one");
        } else if (!upstream.balancer().algorithm().takesKey()) {
            error(path, "only `maglev` and `ring-hash` choose by a key");
        }
    }

    private void probe(UpstreamSpec upstream) {
        String path = "/upstreams/" + YamlText.escaped(upstream.name()) + "/probe";
        switch (upstream.probe()) {
            case null -> {}
            case TcpProbeSpec _ -> {}
            case TlsProbeSpec tls -> trust(tls.trust(), true, path);
            case GrpcProbeSpec grpc -> trust(grpc.trust(), grpc.tls(), path);
            case HttpProbeSpec http -> {
                if (http.method().equals("CONNECT")) {
                    error(path + "/method", "a probe makes no tunnel: `CONNECT` is no method for it");
                }
                if (http.method().equals("HEAD") && http.body() != null) {
                    error(path + "/body", "an answer to `HEAD` has no body: use another `method`");
                }
                if (http.expect().isEmpty()) {
                    error(path + "/expect", "the list is empty: no answer would be good");
                }
                trust(http.trust(), http.tls(), path);
            }
        }
    }

    private void trust(TlsTrust trust, boolean isTls, String path) {
        if (!isTls) {
            String useless = "means nothing without `tls: true`";
            if (trust.serverName() != null) {
                error(path + "/server-name", "`server-name` " + useless);
            }
            if (!trust.verify()) {
                error(path + "/verify", "`verify` " + useless);
            }
            if (trust.ca() != null) {
                error(path + "/ca", "`ca` " + useless);
            }
        } else if (trust.ca() != null && !trust.verify()) {
            error(path + "/ca", "`ca` means nothing with `verify: false`");
        } else if (trust.ca() != null && !isReadable(trust.ca())) {
            error(path + "/ca", "there is no file `" + trust.ca() + "` that can be read");
        }
    }

    private static boolean isReadable(String file) {
        try {
            return Files.isReadable(Path.of(file));
        } catch (InvalidPathException notInThisLocale) {
            return false;
        }
    }

    private void reference(String upstream, String path) {
        used.add(upstream);
        if (!upstreamNames.contains(upstream)) {
            String known = upstreamNames.isEmpty() ? ": the file has none" : "";
            error(path, "there is no upstream `" + upstream + "`" + known + Nearest.hint(upstream, upstreamNames));
        }
    }

    private void adaptive(UpstreamSpec upstream) {
        AdaptiveSpec adaptive = upstream.adaptiveConcurrency();
        if (adaptive == null) {
            return;
        }
        String path = "/upstreams/" + YamlText.escaped(upstream.name()) + "/adaptive-concurrency";
        if (adaptive.min() > adaptive.max()) {
            error(path, "`min` is " + adaptive.min() + " and `max` only " + adaptive.max());
        } else if (adaptive.initial() < adaptive.min() || adaptive.initial() > adaptive.max()) {
            error(path, "`initial` is " + adaptive.initial() + ", which is not between `min` and `max`");
        }
    }

    private void upstream(UpstreamSpec upstream) {
        balancer(upstream);
        probe(upstream);
        new StickyChecks(upstream, this::error).run();
        new RetryChecks(upstream, this::error).run();
        new SubsetChecks(upstream, this::error).run();
        new ClientChecks(this::error).told(upstream);
        new PortChecks(this::error).upstream(upstream);
        new TlsChecks(this::error).upstream(upstream);
        adaptive(upstream);
        String path = "/upstreams/" + YamlText.escaped(upstream.name()) + "/endpoints";
        DiscoverSpec discover = upstream.discover();
        boolean discovers = discover != null && (discover.dnsSrv() != null || discover.file() != null);
        if (discover != null && !discovers) {
            error(
                    "/upstreams/" + YamlText.escaped(upstream.name()) + "/discover",
                    "`discover` has neither `dns-srv` nor `file`: nothing would be found");
        }
        if (upstream.endpoints().isEmpty()) {
            if (discover == null) {
                boolean isWritten = YamlText.isWritten(root, path);
                error(
                        isWritten ? path : above(path),
                        isWritten
                                ? "the list is empty: an upstream needs an endpoint, or `discover`"
                                : "the key `endpoints` is missing, and nothing is in `discover`");
            }
            return;
        }
        EndpointChecks.run(upstream.endpoints(), path, root, problems);
        if (discovers) {
            return;
        }
        if (upstream.endpoints().stream().allMatch(each -> each.weight() == 0)) {
            error(path, "every endpoint of `" + upstream.name() + "` has weight 0: none would take traffic");
        }
    }

    private void resolver() {
        if (config.resolver().ttlMin().compareTo(config.resolver().ttlMax()) > 0) {
            error("/resolver/ttl-min", "`ttl-min` is above `ttl-max`: no answer could have a TTL between them");
        }
    }

    private static String above(String path) {
        return path.substring(0, path.lastIndexOf('/'));
    }

    private void warnings() {
        if (config.listeners().isEmpty()) {
            warning("", "there is no listener: nothing is accepted");
        }
        AcmeChecks.remarks(config, this::warning);
        for (String upstream : config.upstreams().keySet()) {
            if (!used.contains(upstream)) {
                warning(
                        "/upstreams/" + YamlText.escaped(upstream),
                        "no listener or route uses the upstream `" + upstream + "`");
            }
        }
        KernelChecks.remarks(config, root, this::warning);
        config.upstreams().values().forEach(upstream -> TlsChecks.remarks(upstream, this::warning));
        for (ListenerSpec listener : config.listeners().values()) {
            switch (listener) {
                case TcpListenerSpec tcp -> new TcpChecks(tcp, this::line).shadows(this::warning);
                case UdpListenerSpec _ -> {}
                case HttpListenerSpec http -> {
                    shadows(http);
                    new ChoiceChecks(http, config.upstreams(), this::warning).run();
                    limits(http);
                    if (http.tls() != null) {
                        String path = "/listeners/" + YamlText.escaped(http.name()) + "/tls";
                        TlsChecks.remarks(http.tls(), path, this::warning);
                    }
                }
            }
        }
    }

    private void limits(HttpListenerSpec listener) {
        String path = "/listeners/" + YamlText.escaped(listener.name()) + "/limits/target-bytes";
        if (listener.limits().targetBytes() >= listener.limits().headBytes() && YamlText.isWritten(root, path)) {
            warning(path, "never reached: a head with such a target is above `head-bytes`, and answered 431 for that");
        }
    }

    /// A route that others take everything from is a mistake, whichever of them was meant.
    private void shadows(HttpListenerSpec listener) {
        String path = "/listeners/" + YamlText.escaped(listener.name());
        var shadows = new Shadows(listener.routes());
        shadows.find().forEach((route, first) -> {
            boolean same = listener.routes()
                    .get(route)
                    .match()
                    .equals(listener.routes().get(first).match());
            warning(
                    path + "/routes/" + route,
                    "the route `" + listener.routes().get(route).name() + "` never matches: "
                            + named(listener, first, path) + " comes first and "
                            + (same ? "asks for the same" : "takes all that this one would"));
        });
        int all = shadows.catchAll();
        if (all >= 0 && listener.upstream() != null) {
            warning(
                    path + "/upstream",
                    "no request gets here: the route " + named(listener, all, path) + " takes every request");
        }
    }

    private String named(HttpListenerSpec listener, int route, String path) {
        return "`" + listener.routes().get(route).name() + "` on line " + line(path + "/routes/" + route);
    }

    private int line(String path) {
        return line(path, root);
    }

    static int line(String path, Node root) {
        return YamlText.at(root, path).getStartMark().orElseThrow().getLine() + 1;
    }

    private void error(String path, String message) {
        if (!problems.isBroken(path)) {
            problems.error(place(path, root), path, message);
        }
    }

    private void warning(String path, String message) {
        problems.warning(place(path, root), path, message);
    }

    /// Values are shown at themselves; mappings at the key that names them.
    static Node place(String path, Node root) {
        Node node = YamlText.at(root, path);
        return node instanceof ScalarNode ? node : YamlText.keyAt(root, path);
    }
}
