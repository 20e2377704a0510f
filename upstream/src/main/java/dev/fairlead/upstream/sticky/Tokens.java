package dev.fairlead.upstream.sticky;

import dev.fairlead.upstream.balance.Hash;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The signed values by which clients name their endpoint: 40 characters of base64url that hold the key's id (3
/// bytes), the endpoint's id (9 bytes: a keyed hash of upstream and address) and the first 18 bytes, 144 bits, of
/// an HMAC-SHA256 over both.
///
/// A value depends on nothing but keys and names, so all that are valid are known beforehand: they are made off the
/// loops, and a loop only looks up and compares. Whoever knows no key can make none, and a value that is not among
/// them is forged, or of an endpoint that is gone; which of the two makes no difference. Immutable.
public final class Tokens<E> {
    /// Characters of a value.
    public static final int LENGTH = 40;

    /// Characters of key's and endpoint's id: no secret, so a table may be searched by them.
    private static final int PUBLIC_LENGTH = 16;

    private static final int KEY_ID_BYTES = 3;
    private static final int ID_BYTES = 9;
    private static final int MAC_BYTES = 18;

    private record Token<E>(byte[] text, E endpoint, boolean isNewest) {}

    private final Map<E, byte[]> newest = new HashMap<>();
    private final @Nullable Token<E>[] table;

    /// `scope` is what the values are for: those of another scope are not valid here.
    public Tokens(SigningKeys keys, String scope, List<E> endpoints, Function<E, String> name) {
        int slots = Integer.highestOneBit(Math.max(1, keys.size() * endpoints.size())) * 4;
        this.table = slots(slots);
        for (int key = 0; key < keys.size(); key++) {
            for (E endpoint : endpoints) {
                Token<E> token = new Token<>(text(keys, key, scope, name.apply(endpoint)), endpoint, key == 0);
                put(token);
                if (key == 0) {
                    newest.put(endpoint, token.text);
                }
            }
        }
    }

    /// An array of a generic type cannot be made; nothing but tokens is ever put into this one. Nor does javac 25 know
    /// a place for `@Nullable` between `new` and a type with `<?>`: it says so at every build.
    @SuppressWarnings({"unchecked", "NullAway"})
    private static <E> @Nullable Token<E>[] slots(int count) {
        return (@Nullable Token<E>[]) new Token<?>[count];
    }

    private static byte[] text(SigningKeys keys, int key, String scope, String name) {
        byte[] bytes = new byte[KEY_ID_BYTES + ID_BYTES + MAC_BYTES];
        System.arraycopy(keys.sign(key, "key"), 0, bytes, 0, KEY_ID_BYTES);
        System.arraycopy(keys.sign(key, "endpoint", scope, name), 0, bytes, KEY_ID_BYTES, ID_BYTES);
        Base64.Encoder encoder = Base64.getUrlEncoder();
        String ids = encoder.encodeToString(Arrays.copyOf(bytes, KEY_ID_BYTES + ID_BYTES));
        System.arraycopy(keys.sign(key, "token", scope, ids), 0, bytes, KEY_ID_BYTES + ID_BYTES, MAC_BYTES);
        return encoder.encodeToString(bytes).getBytes(StandardCharsets.US_ASCII);
    }

    private void put(Token<E> token) {
        int slot = slot(token.text, 0);
        while (table[slot] != null) {
            slot = (slot + 1) & (table.length - 1);
        }
        table[slot] = token;
    }

    private int slot(byte[] bytes, int from) {
        return (int) Hash.of(bytes, from, from + PUBLIC_LENGTH) & (table.length - 1);
    }

    /// The endpoint that the value in `bytes[from, to)` names, or null when it is not valid. Makes no object.
    public @Nullable E find(byte[] bytes, int from, int to) {
        Token<E> token = token(bytes, from, to);
        return token == null ? null : token.endpoint;
    }

    /// Whether the value is valid and signed with the newest key.
    public boolean isNewest(byte[] bytes, int from, int to) {
        Token<E> token = token(bytes, from, to);
        return token != null && token.isNewest;
    }

    private @Nullable Token<E> token(byte[] bytes, int from, int to) {
        if (to - from != LENGTH) {
            return null;
        }
        int slot = slot(bytes, from);
        for (Token<E> token = table[slot]; token != null; token = table[slot]) {
            if (isSame(token.text, bytes, from)) {
                return token;
            }
            slot = (slot + 1) & (table.length - 1);
        }
        return null;
    }

    /// Takes as long wherever the first difference is, so that no signature can be guessed byte by byte.
    private static boolean isSame(byte[] text, byte[] bytes, int from) {
        int difference = 0;
        for (int i = 0; i < LENGTH; i++) {
            difference |= text[i] ^ bytes[from + i];
        }
        return difference == 0;
    }

    /// The value for this endpoint, or null when it is none of these. Do not write to it.
    public byte @Nullable [] of(E endpoint) {
        return newest.get(endpoint);
    }
}
