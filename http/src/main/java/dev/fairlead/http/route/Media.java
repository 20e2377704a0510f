package dev.fairlead.http.route;

import dev.fairlead.config.MediaRange;
import dev.fairlead.http.message.Ascii;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// A media type or range of the config, as bytes in lower case. A part that is empty stands for `*`.
record Media(byte[] type, byte[] subtype, byte[][] names, byte[][] values) {
    static Media of(MediaRange range) {
        List<Map.Entry<String, String>> parameters = List.copyOf(new TreeMap<>(range.parameters()).entrySet());
        return new Media(
                part(range.type()),
                part(range.subtype()),
                parameters.stream().map(each -> bytes(each.getKey())).toArray(byte[][]::new),
                parameters.stream().map(each -> bytes(each.getValue())).toArray(byte[][]::new));
    }

    private static byte[] part(String text) {
        return bytes(text.equals("*") ? "" : text);
    }

    private static byte[] bytes(String text) {
        return text.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII);
    }

    boolean isAny() {
        return type.length == 0;
    }

    /// All of a type, or everything.
    boolean isRange() {
        return subtype.length == 0;
    }

    boolean isType(byte[] bytes, int from, int to) {
        return Ascii.equalsIgnoreCase(bytes, from, to, type);
    }

    boolean isSubtype(byte[] bytes, int from, int to) {
        return Ascii.equalsIgnoreCase(bytes, from, to, subtype);
    }

    /// Whether it has the parameter that is written there.
    boolean has(byte[] bytes, int name, int nameEnd, int value, int valueEnd) {
        for (int i = 0; i < names.length; i++) {
            if (Ascii.equalsIgnoreCase(bytes, name, nameEnd, names[i])) {
                return MediaText.says(bytes, value, valueEnd, values[i]);
            }
        }
        return false;
    }
}
