package dev.fairlead.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Changes header fields: first `remove`, then `set`, then `add`.
///
/// Values may have the variables `{client}` (the client's IP address), `{host}`, `{request-id}`, `{route}` and those of
/// TLS; `{{` is a plain `{`.
public record HeaderRulesSpec(
        @Key(
                value =
                        "Fields that are there once, with this value, whatever was there before. Values may have `{client}`, `{host}`, `{request-id}`, `{route}` and what TLS tells: `{sni}`, `{tls-version}`, `{client-subject}`, `{client-names}`, `{client-fingerprint}`; `{{` is a plain `{`.",
                example = "{X-Client: \"{client}\"}")
        Map<String, String> set,

        @Key(value = "Fields that are added to what is there. Values as in `set`.", example = "{Vary: Origin}")
        Map<String, String> add,

        @Key(value = "Fields that are taken out.", form = Form.NAME, example = "[Server, X-Powered-By]")
        List<String> remove) {
    static final HeaderRulesSpec NONE = new HeaderRulesSpec(Map.of(), Map.of(), List.of());

    public HeaderRulesSpec {
        set = Collections.unmodifiableMap(new LinkedHashMap<>(set));
        add = Collections.unmodifiableMap(new LinkedHashMap<>(add));
        remove = List.copyOf(remove);
    }

    /// Whether nothing is changed.
    public boolean isEmpty() {
        return set.isEmpty() && add.isEmpty() && remove.isEmpty();
    }
}
