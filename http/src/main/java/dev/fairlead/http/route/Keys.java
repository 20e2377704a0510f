package dev.fairlead.http.route;

import dev.fairlead.http.message.Ascii;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A map from bytes, looked up by a piece of somebody else's array and a hash made on the way. Open addressing, at
/// most half full. Filled at the start, then only read.
///
/// The hash is seeded for each process, so that nobody can choose paths that collide.
final class Keys<V> {
    static final int EMPTY = (int) System.nanoTime() | 1;

    private byte[] @Nullable [] keys = new byte[16][];
    private @Nullable Object[] values = new Object[16];
    private int size;

    static int hash(int before, byte next, boolean ignoreCase) {
        return (before ^ (ignoreCase ? Ascii.lower(next) : next)) * 0x01000193;
    }

    static int hash(byte[] bytes, int from, int to, boolean ignoreCase) {
        int hash = EMPTY;
        for (int i = from; i < to; i++) {
            hash = hash(hash, bytes[i], ignoreCase);
        }
        return hash;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /// `ignoreCase`: the keys are in lower case, and what is asked for may be in any.
    @SuppressWarnings("unchecked") // only put() writes values
    @Nullable
    V get(byte[] bytes, int from, int to, int hash, boolean ignoreCase) {
        int mask = keys.length - 1;
        for (int slot = slot(hash) & mask; ; slot = (slot + 1) & mask) {
            byte[] key = keys[slot];
            if (key == null) {
                return null;
            }
            boolean same = ignoreCase
                    ? Ascii.equalsIgnoreCase(bytes, from, to, key)
                    : Arrays.equals(bytes, from, to, key, 0, key.length);
            if (same) {
                return (V) values[slot];
            }
        }
    }

    /// The value of the key; a new one when there is none yet.
    V getOrPut(byte[] key, boolean ignoreCase, Supplier<V> made) {
        V known = get(key, 0, key.length, hash(key, 0, key.length, ignoreCase), ignoreCase);
        if (known == null) {
            known = made.get();
            put(key, ignoreCase, known);
        }
        return known;
    }

    @SuppressWarnings("unchecked") // only put() writes values
    void forEach(BiConsumer<byte[], V> act) {
        for (int slot = 0; slot < keys.length; slot++) {
            byte[] key = keys[slot];
            if (key != null) {
                act.accept(key, (V) Objects.requireNonNull(values[slot]));
            }
        }
    }

    void put(byte[] key, boolean ignoreCase, V value) {
        if (size * 2 >= keys.length) {
            grow(ignoreCase);
        }
        insert(key, ignoreCase, value);
        size++;
    }

    private void insert(byte[] key, boolean ignoreCase, @Nullable Object value) {
        int mask = keys.length - 1;
        int slot = slot(hash(key, 0, key.length, ignoreCase)) & mask;
        while (keys[slot] != null) {
            slot = (slot + 1) & mask;
        }
        keys[slot] = key;
        values[slot] = value;
    }

    private void grow(boolean ignoreCase) {
        byte[] @Nullable [] oldKeys = keys;
        @Nullable Object[] oldValues = values;
        keys = new byte[oldKeys.length * 2][];
        values = new Object[oldKeys.length * 2];
        for (int i = 0; i < oldKeys.length; i++) {
            byte[] key = oldKeys[i];
            if (key != null) {
                insert(key, ignoreCase, oldValues[i]);
            }
        }
    }

    private static int slot(int hash) {
        return hash ^ hash >>> 16;
    }
}
