package dev.fairlead.config;

import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/// Whether `subset` fits the upstream's endpoints and listeners. Problems are told by their path.
final class SubsetChecks {
    private final UpstreamSpec upstream;
    private final String path;
    private final BiConsumer<String, String> error;

    /// `error` takes a path and a message.
    SubsetChecks(UpstreamSpec upstream, BiConsumer<String, String> error) {
        this.upstream = upstream;
        this.path = "/upstreams/" + YamlText.escaped(upstream.name()) + "/subset";
        this.error = error;
    }

    void run() {
        SubsetSpec subset = upstream.subset();
        if (subset == null || subset.label().isEmpty()) {
            return;
        }
        if (subset.value() == null && subset.header() == null) {
            error.accept(path, "nothing names the value of `" + subset.label() + "`: give `value`, `header` or both");
            return;
        }
        // What is discovered has labels that nobody knows yet.
        if (upstream.discover() == null && !upstream.endpoints().isEmpty()) {
            known(subset);
        }
    }

    private void known(SubsetSpec subset) {
        Set<String> labels = new TreeSet<>();
        Set<String> values = new TreeSet<>();
        for (EndpointSpec each : upstream.endpoints()) {
            labels.addAll(each.labels().keySet());
            String value = each.label(subset.label());
            if (value != null) {
                values.add(value);
            }
        }
        if (values.isEmpty()) {
            error.accept(
                    path + "/label",
                    "no endpoint has the label `" + subset.label() + "`" + Nearest.hint(subset.label(), labels));
        } else if (values.size() > SubsetSpec.VALUES_MAX) {
            error.accept(
                    path + "/label",
                    "the label `" + subset.label() + "` has " + values.size() + " values; " + SubsetSpec.VALUES_MAX
                            + " is the most");
        } else if (subset.value() != null && !values.contains(subset.value())) {
            error.accept(
                    path + "/value",
                    "no endpoint has `" + subset.label() + ": " + subset.value() + "`"
                            + Nearest.hint(subset.value(), values));
        }
    }

    /// A flow has no header. `user` says which listener it is of.
    void layer4(String user) {
        SubsetSpec subset = upstream.subset();
        if (subset != null && subset.header() != null) {
            error.accept(path + "/header", "only requests have a header, and " + user + ": give `value` alone");
        }
    }
}
