package dev.fairlead.config;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/// Whether tests ask for what there is. Whether it is what they say, `fairlead test` tells.
final class TestChecks {
    private final Config config;
    private final BiConsumer<String, String> error;

    /// `error` takes a path and a message.
    TestChecks(Config config, BiConsumer<String, String> error) {
        this.config = config;
        this.error = error;
    }

    void run() {
        for (int i = 0; i < config.tests().size(); i++) {
            test(config.tests().get(i), "/tests/" + i);
        }
    }

    private void test(TestSpec test, String path) {
        String name = test.listener();
        List<HttpListenerSpec> all = config.listeners().values().stream()
                .filter(HttpListenerSpec.class::isInstance)
                .map(HttpListenerSpec.class::cast)
                .toList();
        List<HttpListenerSpec> listeners = all.stream()
                .filter(each -> name == null || each.name().equals(name))
                .toList();
        if (listeners.isEmpty()) {
            List<String> names = all.stream().map(HttpListenerSpec::name).toList();
            String which = name == null ? "listener" : "listener `" + name + "`";
            String hint = name == null ? "" : Nearest.hint(name, names);
            error.accept(path + "/listener", "there is no " + which + " with `protocol: http`" + hint);
            return;
        }
        ExpectationSpec expect = test.expect();
        if (expect.isEmpty()) {
            error.accept(path + "/expect", "nothing is expected: give `route`, `upstream`, `status` or another key");
        }
        route(expect, listeners, path + "/expect/route");
        for (String upstream : expect.upstream()) {
            if (!config.upstreams().containsKey(upstream)) {
                error.accept(
                        path + "/expect/upstream",
                        "there is no upstream `" + upstream + "`"
                                + Nearest.hint(upstream, config.upstreams().keySet()));
            }
        }
        values(expect.requestHeaders(), path + "/expect/request-headers");
        values(expect.responseHeaders(), path + "/expect/response-headers");
    }

    private void route(ExpectationSpec expect, List<HttpListenerSpec> listeners, String path) {
        String route = expect.route();
        var names = new TreeSet<String>();
        listeners.forEach(each -> each.routes().forEach(its -> names.add(its.name())));
        if (route != null && !names.contains(route)) {
            error.accept(path, "there is no route `" + route + "`" + Nearest.hint(route, names));
        }
    }

    private void values(Map<String, ValueSpec> values, String path) {
        values.forEach((name, value) -> value.check(path + "/" + YamlText.escaped(name), error));
    }
}
