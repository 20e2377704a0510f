package dev.fairlead.http.message;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// The fields that are hashes of what a message carries. Pure.
public final class Digests {
    /// Of the bytes that are sent (RFC 9530 §2; RFC 1864; of RFC 3230 nobody can tell).
    private static final List<byte[]> OF_CONTENT =
            List.of(bytes("content-digest"), bytes("content-md5"), bytes("digest"));

    /// Of all of the representation, whatever part of it is sent (RFC 9530 §3).
    private static final byte[] OF_REPRESENTATION = bytes("repr-digest");

    private Digests() {}

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.US_ASCII);
    }

    /// Of a message that carries more or less of the same representation.
    public static void dropOfContent(Fields fields) {
        OF_CONTENT.forEach(fields::removeAll);
    }

    /// Of one that carries another representation.
    public static void drop(Fields fields) {
        dropOfContent(fields);
        fields.removeAll(OF_REPRESENTATION);
    }
}
