package dev.fairlead.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which connections, and where they go: to one upstream, or by shares to several.
public record TcpRouteSpec(
        @Key(
                value = "The route's name in logs. Absent: the listener's name and the place in the list, `tls/1`.",
                namedByPlace = true,
                form = Form.NAME,
                example = "shop")
        String name,

        @Key("What a connection must have. Absent: every connection.")
        TcpMatchSpec match,

        @Key(value = "The upstream that takes the connections.", optional = true, example = "shop", form = Form.NAME)
        @Nullable
        String upstream,

        @Key("Shares of the connections, in place of `upstream`.")
        List<ShareSpec> split) {
    public TcpRouteSpec {
        split = List.copyOf(split);
    }

    /// The names of all upstreams it may lead to.
    public List<String> upstreams() {
        return upstream == null ? split.stream().map(ShareSpec::upstream).toList() : List.of(upstream);
    }
}
