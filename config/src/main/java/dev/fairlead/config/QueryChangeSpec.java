package dev.fairlead.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Changes the parameters of a query: first `remove`, then `set`, then `add`.
public record QueryChangeSpec(
        @Key(
                value =
                        "Parameters that are there once, with this value, whatever was there before. Values may have `{client}`, `{host}`, `{request-id}` and `{route}`; `{{` is a plain `{`. What may not stand in a query is escaped.",
                example = "{lang: en}")
        Map<String, String> set,

        @Key(value = "Parameters that are added to what is there. Values as in `set`.", example = "{tag: \"{route}\"}")
        Map<String, String> add,

        @Key(
                value = "Parameters that are taken out, however the client has escaped their names.",
                example = "[debug, utm_source]")
        List<String> remove) {
    public QueryChangeSpec {
        set = Collections.unmodifiableMap(new LinkedHashMap<>(set));
        add = Collections.unmodifiableMap(new LinkedHashMap<>(add));
        remove = List.copyOf(remove);
    }

    /// Whether nothing is changed.
    public boolean isEmpty() {
        return set.isEmpty() && add.isEmpty() && remove.isEmpty();
    }
}
