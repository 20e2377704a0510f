package dev.fairlead.config;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/// Paths as the file writes them.
public final class PathText {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private PathText() {}

    /// What is not ASCII, escaped: RFC 3986 §2.1, in UTF-8 as RFC 3987 §3.1 has it.
    public static String encoded(String path) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
            if (b < 0) {
                encoded.append('%').append(HEX.toHexDigits(b));
            } else {
                encoded.append((char) b);
            }
        }
        return encoded.toString();
    }

    /// The form in which paths are compared, RFC 3986 §6.2.2.1 and §6.2.2.2: no escape of a character that needs none,
    /// all others in upper case.
    static String normal(String path) {
        String encoded = encoded(path);
        StringBuilder normal = new StringBuilder();
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            boolean isEscape = c == '%'
                    && i + 2 < encoded.length()
                    && HexFormat.isHexDigit(encoded.charAt(i + 1))
                    && HexFormat.isHexDigit(encoded.charAt(i + 2));
            if (!isEscape) {
                normal.append(c);
                continue;
            }
            String digits = encoded.substring(i + 1, i + 3);
            char meant = (char) HexFormat.fromHexDigits(digits);
            if (isUnreserved(meant)) {
                normal.append(meant);
            } else {
                normal.append('%').append(digits.toUpperCase(Locale.ROOT));
            }
            i += 2;
        }
        return normal.toString();
    }

    /// RFC 3986 §2.3.
    private static boolean isUnreserved(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "-._~".indexOf(c) >= 0;
    }

    /// Whether a segment is `.` or `..`.
    static boolean hasDots(String path) {
        return List.of(normal(path).split("/", -1)).stream().anyMatch(each -> each.equals(".") || each.equals(".."));
    }
}
