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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The endpoints of one upstream, put together: those of the config first, then those of SRV records, then those of
/// a file; where two are at one address, the first counts. Control thread.
final class Discovered {
    private final Begin begin;
    private final Consumer<Source> over;
    private final Map<Source, Following> followings = new LinkedHashMap<>();
    private UpstreamSpec spec;
    private List<EndpointSpec> held = List.of();
    private List<EndpointSpec> published = List.of();
    private Map<EndpointAddress, Origin> origins = Map.of();

    /// Follows a source of this upstream. `known`: what another, that was of the same file, has said last.
    @FunctionalInterface
    interface Begin {
        Following begin(Source source, List<EndpointSpec> known);
    }

    /// `over` is told of sources that are followed no longer.
    Discovered(UpstreamSpec spec, Begin begin, Consumer<Source> over) {
        this.spec = spec;
        this.begin = begin;
        this.over = over;
    }

    Iterable<Map.Entry<Source, Following>> followings() {
        return followings.entrySet();
    }

    boolean isAnswered() {
        return followings.values().stream().allMatch(Following::isAnswered);
    }

    /// Follows a new spec. Until its new sources have answered, endpoints that it no longer has stay: else a reload
    /// from addresses to a name would leave the upstream empty for a moment.
    void follow(UpstreamSpec next) {
        held = published;
        spec = next;
        reconcile();
    }

    /// Begins to follow what is new, and stops what no longer has to be.
    void reconcile() {
        Set<Source> wanted = Source.of(spec);
        Set<Source> listed = new LinkedHashSet<>();
        for (Source source : wanted) {
            listed.addAll(Source.names(following(source).endpoints()));
        }
        wanted.addAll(listed);
        listed.forEach(this::following);
        Set<Source> gone = new LinkedHashSet<>(followings.keySet());
        gone.removeAll(wanted);
        gone.forEach(this::stop);
    }

    /// The same file, read another way, still says what it said until it is read without a mistake.
    private Following following(Source source) {
        Following there = followings.get(source);
        if (there == null) {
            Source before = followings.keySet().stream()
                    .filter(source::isReadInsteadOf)
                    .findAny()
                    .orElse(null);
            there = begin.begin(source, before == null ? List.of() : stop(before));
            followings.put(source, there);
        }
        return there;
    }

    /// What it has said last.
    private List<EndpointSpec> stop(Source source) {
        Following following = followings.remove(source);
        if (following == null) {
            return List.of();
        }
        following.stop();
        over.accept(source);
        return following.endpoints();
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
                        from.put(ip, name == null ? Origin.without(source) : Origin.told(source, name));
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
