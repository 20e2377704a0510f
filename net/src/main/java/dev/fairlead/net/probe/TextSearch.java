package dev.fairlead.net.probe;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/// Looks for a text in bytes that come piece by piece, and keeps none of them (Knuth, Morris and Pratt, 1977).
final class TextSearch {
    private final byte[] text;
    private final int[] fallback;
    private int matched;

    TextSearch(String text) {
        this.text = text.getBytes(StandardCharsets.UTF_8);
        this.fallback = new int[this.text.length];
        for (int i = 1; i < this.text.length; i++) {
            fallback[i] = extended(fallback[i - 1], this.text[i]);
        }
    }

    /// How much of the text the bytes end with when they ended with `length` of it and one more comes.
    private int extended(int length, byte next) {
        int now = length;
        while (now > 0 && text[now] != next) {
            now = fallback[now - 1];
        }
        return text[now] == next ? now + 1 : 0;
    }

    /// Whether the text has been found, now or before, after at most `count` more bytes. Only reads.
    boolean peek(ByteBuf bytes, int count) {
        for (int i = 0; i < count && matched < text.length; i++) {
            matched = extended(matched, bytes.getByte(bytes.readerIndex() + i));
        }
        return matched == text.length;
    }
}
