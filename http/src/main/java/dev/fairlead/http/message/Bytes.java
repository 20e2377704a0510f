package dev.fairlead.http.message;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A byte array that grows: heads are put together in it and leave it in one copy. Kept and used again by its
/// owner, one thread.
public final class Bytes {
    private byte[] array;
    private int length;

    public Bytes(int capacity) {
        array = new byte[capacity];
    }

    /// The bytes, valid up to [#length] and until the next put.
    public byte[] array() {
        return array;
    }

    public int length() {
        return length;
    }

    public Bytes clear() {
        length = 0;
        return this;
    }

    public Bytes put(byte b) {
        ensure(1);
        array[length++] = b;
        return this;
    }

    public Bytes put(byte[] from) {
        return put(from, 0, from.length);
    }

    public Bytes put(byte[] from, int start, int end) {
        int size = end - start;
        ensure(size);
        System.arraycopy(from, start, array, length, size);
        length += size;
        return this;
    }

    /// ASCII text.
    public Bytes put(String ascii) {
        int size = ascii.length();
        ensure(size);
        for (int i = 0; i < size; i++) {
            char c = ascii.charAt(i);
            array[length + i] = (byte) (c < 0x80 ? c : '?');
        }
        length += size;
        return this;
    }

    public Bytes putDecimal(long number) {
        ensure(20);
        int digits = 1;
        for (long rest = number; rest > 9; rest /= 10) {
            digits++;
        }
        long rest = number;
        for (int i = length + digits - 1; i >= length; i--) {
            array[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
        return this;
    }

    @Override
    public String toString() {
        return new String(array, 0, length, StandardCharsets.ISO_8859_1);
    }

    private void ensure(int more) {
        if (array.length - length < more) {
            array = Arrays.copyOf(array, Math.max(array.length * 2, length + more));
        }
    }
}
