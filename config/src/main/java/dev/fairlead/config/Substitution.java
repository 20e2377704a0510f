package dev.fairlead.config;

import java.util.Map;
import java.util.regex.Pattern;

/// Puts environment variables into a value: `${NAME}`, `${NAME:-default}` for one that is unset or empty, and `$${`
/// for a plain `${`. It happens after YAML is parsed, so what a variable holds can never become structure; and what
/// it holds is not looked through again.
record Substitution(Map<String, String> environment) {
    /// One reference, for the JSON Schema: values that hold one are not checked further there.
    static final String PATTERN = "[$][{][A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?[}]";

    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    static boolean concerns(String text) {
        return text.contains("${");
    }

    String apply(String text) throws Malformed {
        StringBuilder out = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            if (text.startsWith("$${", at)) {
                out.append("${");
                at += 3;
            } else if (text.startsWith("${", at)) {
                int end = text.indexOf('}', at);
                if (end < 0) {
                    throw new Malformed("`${` without its `}`; a plain `${` is written `$${`");
                }
                out.append(value(text.substring(at + 2, end)));
                at = end + 1;
            } else {
                out.append(text.charAt(at));
                at++;
            }
        }
        return out.toString();
    }

    private String value(String reference) throws Malformed {
        int mark = reference.indexOf(":-");
        String name = mark < 0 ? reference : reference.substring(0, mark);
        if (!NAME.matcher(name).matches()) {
            throw new Malformed("`${" + reference + "}`: expected `${NAME}` or `${NAME:-default}`");
        }
        String value = environment.get(name);
        if (mark >= 0) {
            return value == null || value.isEmpty() ? reference.substring(mark + 2) : value;
        }
        if (value == null) {
            throw new Malformed("the environment variable `" + name + "` is not set; `${" + name
                    + ":-default}` gives it a default");
        }
        return value;
    }
}
