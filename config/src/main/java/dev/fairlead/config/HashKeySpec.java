package dev.fairlead.config;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What of a flow or exchange is hashed: exactly one of these. In the file `key: path` or `key: {header: X-User}`.
@Scalar("part")
public record HashKeySpec(
        @Key(
                value =
                        "`source-address`: the client's IP address. `source-address-and-port`: its connection. `path`: of the request, without the query (HTTP only).",
                optional = true)
        @Nullable
        Part part,

        @Key(
                value =
                        "The first value of this request field (HTTP only). A request without it goes by source address.",
                optional = true,
                form = Form.NAME,
                example = "X-User")
        @Nullable
        String header,

        @Key(
                value = "The value of this cookie (HTTP only). A request without it goes by source address.",
                optional = true,
                form = Form.NAME)
        @Nullable
        String cookie,

        @Key(
                value =
                        "The first value of this query parameter, as it is written (HTTP only). A request without it goes by source address.",
                optional = true,
                form = Form.NAME)
        @Nullable
        String query) {

    public enum Part {
        SOURCE_ADDRESS,
        SOURCE_ADDRESS_AND_PORT,
        PATH
    }

    /// The keys of the file that are given.
    List<String> given() {
        List<String> given = new ArrayList<>();
        if (part != null) {
            given.add("part");
        }
        if (header != null) {
            given.add("header");
        }
        if (cookie != null) {
            given.add("cookie");
        }
        if (query != null) {
            given.add("query");
        }
        return given;
    }

    /// Whether only a request has it.
    public boolean isHttpOnly() {
        return part == null || part == Part.PATH;
    }
}
