package dev.fairlead.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Whether `request-headers` leave in a request what upstream and endpoint are chosen by: the rules come before the
/// choice. Warnings, told by their path.
final class ChoiceChecks {
    private static final String COOKIE = "Cookie";

    private final HttpListenerSpec listener;
    private final Map<String, UpstreamSpec> upstreams;
    private final BiConsumer<String, String> warning;
    /// A rule of the listener is told once for each key that it breaks, not for each route.
    private final Set<String> told = new HashSet<>();

    /// `warning` takes a path and a message.
    ChoiceChecks(HttpListenerSpec listener, Map<String, UpstreamSpec> upstreams, BiConsumer<String, String> warning) {
        this.listener = listener;
        this.upstreams = upstreams;
        this.warning = warning;
    }

    void run() {
        String path = "/listeners/" + YamlText.escaped(listener.name());
        List<Rules> common = List.of(new Rules(listener.requestHeaders(), path + "/request-headers"));
        for (int i = 0; i < listener.routes().size(); i++) {
            RouteSpec route = listener.routes().get(i);
            List<Rules> rules = new ArrayList<>(common);
            rules.add(new Rules(route.requestHeaders(), path + "/routes/" + i + "/request-headers"));
            if (route.splitBy() != null) {
                key(route.splitBy(), "`split-by` of the route `" + route.name() + "`", rules);
            }
            Stream<String> shares = route.split().stream().map(ShareSpec::upstream);
            Stream.concat(Stream.ofNullable(route.upstream()), shares).forEach(name -> upstream(name, rules));
        }
        if (listener.upstream() != null) {
            upstream(listener.upstream(), common);
        }
    }

    private void upstream(String name, List<Rules> rules) {
        UpstreamSpec upstream = upstreams.get(name);
        if (upstream == null) {
            return;
        }
        String of = " of the upstream `" + name + "`";
        StickySpec sticky = upstream.sticky();
        if (sticky != null && sticky.cookie() != null) {
            look(COOKIE, false, "`sticky`" + of, rules);
        } else if (sticky != null && sticky.header() != null) {
            look(sticky.header(), false, "`sticky`" + of, rules);
        }
        if (upstream.balancer().key() != null) {
            key(upstream.balancer().key(), "the balancer's `key`" + of, rules);
        }
        SubsetSpec subset = upstream.subset();
        if (subset != null && subset.header() != null) {
            // To set it is how a route names the subset.
            look(subset.header(), true, "`subset`" + of, rules);
        }
    }

    private void key(HashKeySpec key, String who, List<Rules> rules) {
        if (key.cookie() != null) {
            look(COOKIE, false, who, rules);
        } else if (key.header() != null) {
            // A value with variables is a key of the operator's own making.
            boolean isMade = last(key.header(), rules) instanceof Touch.Replaced replaced && replaced.varies();
            look(key.header(), isMade, who, rules);
        }
    }

    private void look(String field, boolean maySet, String who, List<Rules> rules) {
        switch (last(field, rules)) {
            case null -> {}
            case Touch.Removed removed ->
                tell(
                        removed.path(),
                        "the rules come before the choice: " + who + " goes by `" + field + "`, and never finds it");
            case Touch.Replaced replaced -> {
                if (!maySet) {
                    tell(
                            replaced.path(),
                            "the rules come before the choice: " + who + " goes by `" + field
                                    + "`, and finds this instead of the client's");
                }
            }
        }
    }

    private void tell(String path, String message) {
        if (told.add(path + message)) {
            warning.accept(path, message);
        }
    }

    /// What became of a field in the end.
    private sealed interface Touch {
        record Removed(String path) implements Touch {}

        /// `varies`: the value has variables.
        record Replaced(String path, boolean varies) implements Touch {}
    }

    /// The rules of one place, in the order of their effect.
    private record Rules(HeaderRulesSpec spec, String path) {}

    /// Null when the field is as the client has sent it, or only has more behind it.
    private static @Nullable Touch last(String field, List<Rules> all) {
        Touch touch = null;
        for (Rules rules : all) {
            for (int i = 0; i < rules.spec().remove().size(); i++) {
                if (rules.spec().remove().get(i).equalsIgnoreCase(field)) {
                    touch = new Touch.Removed(rules.path() + "/remove/" + i);
                }
            }
            Touch set = value(field, rules.spec().set(), rules.path() + "/set/");
            Touch added = value(field, rules.spec().add(), rules.path() + "/add/");
            touch = set != null ? set : touch;
            touch = added != null && touch instanceof Touch.Removed ? added : touch;
        }
        return touch;
    }

    private static @Nullable Touch value(String field, Map<String, String> values, String path) {
        for (Map.Entry<String, String> each : values.entrySet()) {
            if (each.getKey().equalsIgnoreCase(field)) {
                boolean varies = TemplateText.parts(each.getValue()).stream()
                        .anyMatch(part -> part instanceof TemplateText.Part.Fact);
                return new Touch.Replaced(path + YamlText.escaped(each.getKey()), varies);
            }
        }
        return null;
    }
}
