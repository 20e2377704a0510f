package dev.fairlead.upstream;

import dev.fairlead.config.HashKeySpec;
import org.jspecify.annotations.Nullable;

/// What of a flow or exchange a consistent balancer chooses by.
public sealed interface HashKey {
    HashKey SOURCE_ADDRESS = new SourceAddress();

    /// The client's IP address.
    record SourceAddress() implements HashKey {}

    /// The client's IP address and port.
    record SourceAddressAndPort() implements HashKey {}

    /// The path of the request, without the query.
    record Path() implements HashKey {}

    /// The first value of a request field.
    record Header(String name) implements HashKey {}

    /// The value of a cookie.
    record Cookie(String name) implements HashKey {}

    /// The first value of a query parameter, as it is written.
    record Query(String name) implements HashKey {}

    /// Absent is the source address.
    static HashKey of(@Nullable HashKeySpec spec) {
        if (spec == null) {
            return SOURCE_ADDRESS;
        }
        if (spec.header() != null) {
            return new Header(spec.header());
        }
        if (spec.cookie() != null) {
            return new Cookie(spec.cookie());
        }
        if (spec.query() != null) {
            return new Query(spec.query());
        }
        HashKeySpec.Part part = spec.part();
        return switch (part == null ? HashKeySpec.Part.SOURCE_ADDRESS : part) {
            case SOURCE_ADDRESS -> SOURCE_ADDRESS;
            case SOURCE_ADDRESS_AND_PORT -> new SourceAddressAndPort();
            case PATH -> new Path();
        };
    }
}
