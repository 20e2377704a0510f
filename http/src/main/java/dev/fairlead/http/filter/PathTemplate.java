package dev.fairlead.http.filter;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.fairlead.config.PathPattern;
import dev.fairlead.config.PathPattern.Part;
import dev.fairlead.http.message.Bytes;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Makes a path of parts of another one. Immutable.
final class PathTemplate {
    private final PathPattern pattern;
    private final byte[][] texts;
    private final @Nullable Pattern regex;

    PathTemplate(PathPattern pattern) {
        this.pattern = pattern;
        this.texts = new byte[pattern.parts().size()][];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = pattern.parts().get(i) instanceof Part.Text(String text)
                    ? text.getBytes(StandardCharsets.US_ASCII)
                    : new byte[0];
        }
        String source = pattern.sources().regex();
        this.regex = source == null ? null : Pattern.compile(source);
    }

    /// Puts the path that is made of `bytes[from, to)`. False when the expression does not fit, and nothing is put.
    boolean put(byte[] bytes, int from, int to, Bytes out) {
        Matcher groups = null;
        if (regex != null) {
            // A path is ASCII, so a character is a byte.
            groups = regex.matcher(new String(bytes, from, to - from, StandardCharsets.ISO_8859_1));
            if (!groups.matches()) {
                return false;
            }
        }
        for (int i = 0; i < texts.length; i++) {
            switch (pattern.parts().get(i)) {
                case Part.Text _ -> out.put(texts[i]);
                case Part.Piece(int number) -> {
                    if (groups == null) {
                        segment(bytes, from, to, number, out);
                    } else if (groups.start(number) >= 0) {
                        out.put(bytes, from + groups.start(number), from + groups.end(number));
                    }
                }
            }
        }
        return true;
    }

    /// Segments are counted from 0, behind the first slash.
    private static void segment(byte[] bytes, int from, int to, int number, Bytes out) {
        int start = from + 1;
        for (int left = number; left > 0 && start <= to; start++) {
            if (start == to || bytes[start] == '/') {
                left--;
            }
        }
        int end = start;
        while (end < to && bytes[end] != '/') {
            end++;
        }
        if (start < to) {
            out.put(bytes, start, end);
        }
    }
}
