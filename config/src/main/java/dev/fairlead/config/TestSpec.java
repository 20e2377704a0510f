package dev.fairlead.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A request that nobody sends, and what is expected to become of it.
public record TestSpec(
        @Key(
                value = "What the test is about. Absent: its method and URL.",
                optional = true,
                example = "videos go to the media servers")
        @Nullable
        String title,

        @Key(value = "What is asked for.", form = Form.URL, example = "https://shop.example/videos/7")
        String url,

        @Key(value = "The method.", absent = "GET", form = Form.METHOD)
        String method,

        @Key(
                value =
                        "The request's fields, each with a value or a list of values. `Host` is that of the URL unless it is given here.",
                orOne = true,
                example = "{Accept: video/mp4}")
        Map<String, List<String>> headers,

        @Key(value = "Who connects.", absent = "127.0.0.1", form = Form.IP, example = "10.1.2.3")
        String client,

        @Key(
                value =
                        "The listener that is asked. Absent: the one at the URL's port, or the only one with `protocol: http`.",
                optional = true,
                form = Form.NAME,
                example = "web")
        @Nullable
        String listener,

        @Key("What is expected. Only what is given is compared.")
        ExpectationSpec expect) {
    public TestSpec {
        headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    }

    /// How people call it.
    public String text() {
        return title == null ? method + " " + url : title;
    }
}
