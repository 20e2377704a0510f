package dev.fairlead.config;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A media type, or all of a kind: `text/html`, `text/html;level=1`, `image/*`, `*/*` (RFC 9110 §12.5.1). Type,
/// subtype and names of parameters are kept in lower case; `*` stands for any.
public record MediaRange(String type, String subtype, Map<String, String> parameters) {
    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

    /// What the config writes: parameters without quotes, and no weight.
    static final String PATTERN = "([*]/[*]|" + TOKEN + "/" + TOKEN + ")( ?; ?" + TOKEN + "=" + TOKEN + "){0,8}";

    private static final Pattern PARAMETER = Pattern.compile("; ?(" + TOKEN + ")=(" + TOKEN + ")");

    public MediaRange {
        parameters = Map.copyOf(parameters);
    }

    static MediaRange parse(String text) throws Malformed {
        int end = text.indexOf(';');
        String[] parts = (end < 0 ? text : text.substring(0, end))
                .strip()
                .toLowerCase(Locale.ROOT)
                .split("/");
        Map<String, String> parameters = new TreeMap<>();
        Matcher matcher = PARAMETER.matcher(end < 0 ? "" : text.substring(end));
        while (matcher.find()) {
            String name = matcher.group(1).toLowerCase(Locale.ROOT);
            if (name.equals("q")) {
                throw new Malformed("a weight (`q`) is the client's to give; a route only says what it has");
            }
            parameters.put(name, matcher.group(2));
        }
        boolean half =
                parts[0].contains("*") && !text.startsWith("*/*") || parts[1].contains("*") && !parts[1].equals("*");
        if (half) {
            throw new Malformed("`*` stands for a whole part: `image/*` or `*/*`, not `" + text + "`");
        }
        if (parts[1].equals("*") && !parameters.isEmpty()) {
            throw new Malformed("`" + text + "`: only a whole media type has parameters");
        }
        return new MediaRange(parts[0], parts[1], parameters);
    }

    /// 0 for `*/*`, 1 for `image/*`, 2 for a media type, one more for each parameter.
    public int precision() {
        if (subtype.equals("*")) {
            return type.equals("*") ? 0 : 1;
        }
        return 2 + parameters.size();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(type).append('/').append(subtype);
        new TreeMap<>(parameters)
                .forEach((name, value) ->
                        text.append(';').append(name).append('=').append(value));
        return text.toString();
    }
}
