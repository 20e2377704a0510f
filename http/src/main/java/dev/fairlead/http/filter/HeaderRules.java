package dev.fairlead.http.filter;

import dev.fairlead.config.HeaderRulesSpec;
import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Rules for the fields of a head: what is removed, set and added. Immutable.
public final class HeaderRules {
    private final List<Rule> removed = new ArrayList<>();
    private final List<Rule> added = new ArrayList<>();

    /// A field's name in lower case, the name as it is written, and its value.
    private record Rule(
            @Nullable FieldName name,
            byte[] lower,
            byte[] text,
            @Nullable Template value) {
        static Rule of(String name, @Nullable String value) {
            byte[] text = name.getBytes(StandardCharsets.US_ASCII);
            byte[] lower = name.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII);
            return new Rule(FieldName.of(name), lower, text, value == null ? null : new Template(value));
        }
    }

    private HeaderRules(HeaderRulesSpec spec) {
        for (String name : spec.remove()) {
            removed.add(Rule.of(name, null));
        }
        for (Map.Entry<String, String> each : spec.set().entrySet()) {
            removed.add(Rule.of(each.getKey(), null));
            added.add(Rule.of(each.getKey(), each.getValue()));
        }
        for (Map.Entry<String, String> each : spec.add().entrySet()) {
            added.add(Rule.of(each.getKey(), each.getValue()));
        }
    }

    /// Null when there are none.
    public static @Nullable HeaderRules of(HeaderRulesSpec spec) {
        return spec.isEmpty() ? null : new HeaderRules(spec);
    }

    /// Changes `fields`, those of this request or of its response. `scratch` is for values.
    public void apply(Fields fields, RequestHead request, Client client, String route, Bytes scratch) {
        // Values first: a rule may take a field out that another one tells of.
        int from = 0;
        int[] ends = new int[added.size()];
        scratch.clear();
        for (int i = 0; i < ends.length; i++) {
            Template value = added.get(i).value();
            if (value != null) {
                value.put(request, client, route, scratch);
            }
            ends[i] = scratch.length();
        }
        for (Rule rule : removed) {
            fields.removeAll(rule.name(), rule.lower());
        }
        for (int i = 0; i < ends.length; i++) {
            Rule rule = added.get(i);
            fields.add(rule.name(), rule.text(), scratch.array(), from, ends[i]);
            from = ends[i];
        }
    }
}
