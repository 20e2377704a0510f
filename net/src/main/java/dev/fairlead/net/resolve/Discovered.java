package dev.fairlead.net.resolve;

import dev.fairlead.config.Address;
import dev.fairlead.config.EndpointAddress;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.HostAddress;
import dev.fairlead.config.NamedAddress;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.upstream.Origin;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The endpoints of one upstream, put together: those of the config first, then those of SRV records, then those of
/// a file; where two are at one address, the first counts. Control thread.
final class Discovered {
    private final Function<Source, Following> begin;
    private final Map<Source, Following> followings = new LinkedHashMap<>();
    private UpstreamSpec spec;
    private List<EndpointSpec> held = List.of();
    private List<EndpointSpec> published = List.of();
    private Map<EndpointAddress, Origin> origins = Map.of();

    Discovered(UpstreamSpec spec, Function<Source, Following> begin) {
        this.spec = spec;
        this.begin = begin;
    }

    UpstreamSpec spec() {
        return spec;
    }

    Iterable<Map.Entry<Source, Following>> followings() {
        return followings.entrySet();
    }

    boolean isAnswered() {
        return followings.values().stream().allMatch(Following::isAnswered);
    }

    /// Follows a new spec. Until its new sources have answered, endpoints that it no longer has stay: else a reload
    /// from addresses to a name would leave the upstream empty for a moment.
    Set<Source> follow(UpstreamSpec next) {
        held = published;
        spec = next;
        return reconcile();
    }

    /// Begins to follow what is new, and gives back what no longer has to be; that one is stopped.
    Set<Source> reconcile() {
        Set<Source> wanted = Source.of(spec);
        Set<Source> listed = new LinkedHashSet<>();
        for (Source source : wanted) {
            Following following = followings.computeIfAbsent(source, begin);
            listed.addAll(Source.names(following.endpoints()));
        }
        wanted.addAll(listed);
        listed.forEach(source -> followings.computeIfAbsent(source, begin));
        Set<Source> gone = new LinkedHashSet<>(followings.keySet());
        gone.removeAll(wanted);
        for (Source source : gone) {
            Following following = followings.remove(source);
            if (following != null) {
                following.stop();
            }
        }
        return gone;
    }

    /// The endpoints as they are now, and whether they are others than at the last call.
    boolean publish() {
        if (isAnswered()) {
            held = List.of();
        }
        Map<EndpointAddress, EndpointSpec> all = new LinkedHashMap<>();
        Map<EndpointAddress, Origin> from = new HashMap<>();
        add(spec.endpoints(), null, Map.of(), all, from);
        followings.forEach((source, following) -> {
            switch (source) {
                case Source.Name _ -> {}
                case Source.Srv _, Source.File _ ->
                    add(following.endpoints(), source.toString(), following.names(), all, from);
            }
        });
        for (EndpointSpec each : held) {
            Origin known = origins.get(each.address());
            if (all.putIfAbsent(each.address(), each) == null && known != null) {
                from.put(each.address(), known);
            }
        }
        List<EndpointSpec> now = List.copyOf(all.values());
        boolean isNew = !now.equals(published) || !from.equals(origins);
        published = now;
        origins = Map.copyOf(from);
        return isNew;
    }

    /// What was published last.
    Resolved resolved() {
        return new Resolved(spec.with(published), origins);
    }

    /// `source` is null for the config's own list; `names` are those by which it has found addresses.
    private void add(
            List<EndpointSpec> endpoints,
            @Nullable String source,
            Map<EndpointAddress, NamedAddress> names,
            Map<EndpointAddress, EndpointSpec> all,
            Map<EndpointAddress, Origin> from) {
        for (EndpointSpec each : endpoints) {
            switch (each.address()) {
                case Address _, HostAddress _ -> {
                    EndpointAddress ip = each.address();
                    if (all.putIfAbsent(ip, each) == null && source != null) {
                        NamedAddress name = names.get(ip);
                        from.put(ip, name == null ? new Origin(source, null) : Origin.named(source, name));
                    }
                }
                case NamedAddress name -> {
                    Following following = followings.get(new Source.Name(name));
                    for (EndpointSpec found : following == null ? List.<EndpointSpec>of() : following.endpoints()) {
                        if (all.putIfAbsent(found.address(), each.at(found.address())) == null) {
                            String origin = "dns " + name + (source == null ? "" : " in " + source);
                            from.put(found.address(), Origin.named(origin, name));
                        }
                    }
                }
            }
        }
    }
}
