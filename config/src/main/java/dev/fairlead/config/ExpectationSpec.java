package dev.fairlead.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is expected to become of a request.
public record ExpectationSpec(
        @Key(
                value = "The route that takes it, by its name; one without is called by its place, such as `web/1`.",
                optional = true,
                example = "media")
        @Nullable
        String route,

        @Key(
                value =
                        "The upstream that it goes to. Of a `split` that takes turns all that it may go to: it must not go to another.",
                orOne = true,
                form = Form.NAME,
                example = "media")
        List<String> upstream,

        @Key(
                value =
                        "The status that Fairlead answers by itself. 0: whatever it is. A request that is forwarded has none here.",
                absent = "0",
                min = "0",
                max = "599")
        int status,

        @Key(
                value = "Path and query that the endpoint is asked for, after what `rewrite` does.",
                optional = true,
                form = Form.TARGET,
                example = "/files/7?page=2")
        @Nullable
        String target,

        @Key(value = "Where a redirect leads.", optional = true, example = "https://shop.example/") @Nullable
        String location,

        @Key(
                value =
                        "Fields that the endpoint gets: a whole value, or `{prefix: b}`, `{regex: \"v[0-9]+\"}`, `{present: true}`, `{present: false}`.",
                example = "{X-Client: 10.1.2.3}")
        Map<String, ValueSpec> requestHeaders,

        @Key("Fields of the answer; of a request that is forwarded, those that Fairlead adds to the answer.")
        Map<String, ValueSpec> responseHeaders) {
    public ExpectationSpec {
        upstream = List.copyOf(upstream);
        requestHeaders = Collections.unmodifiableMap(new LinkedHashMap<>(requestHeaders));
        responseHeaders = Collections.unmodifiableMap(new LinkedHashMap<>(responseHeaders));
    }

    boolean isEmpty() {
        return route == null
                && upstream.isEmpty()
                && status == 0
                && target == null
                && location == null
                && requestHeaders.isEmpty()
                && responseHeaders.isEmpty();
    }
}
