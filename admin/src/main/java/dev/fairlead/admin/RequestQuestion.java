package dev.fairlead.admin;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A request that nobody sends: what would become of it? `headers` are lines `Name: value`; `client` is an IP address;
/// `listener` is null when the URL is to tell which.
public record RequestQuestion(
        String method,
        String url,
        List<String> headers,
        String client,
        @Nullable String listener) {
    public RequestQuestion {
        headers = List.copyOf(headers);
    }

    /// As the body of a form.
    public String form() {
        List<String> pairs = new ArrayList<>();
        pairs.add(pair("method", method));
        pairs.add(pair("url", url));
        headers.forEach(each -> pairs.add(pair("header", each)));
        pairs.add(pair("client", client));
        if (listener != null) {
            pairs.add(pair("listener", listener));
        }
        return String.join("&", pairs);
    }

    private static String pair(String name, String value) {
        return name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    /// The question in a form, or null when it has none.
    static @Nullable RequestQuestion of(String form) {
        String method = "GET";
        String url = null;
        String client = "127.0.0.1";
        String listener = null;
        List<String> headers = new ArrayList<>();
        for (String pair : form.split("&", -1)) {
            int equals = pair.indexOf('=');
            String value = equals < 0 ? null : decoded(pair.substring(equals + 1));
            if (value == null) {
                return null;
            }
            switch (pair.substring(0, equals)) {
                case "method" -> method = value;
                case "url" -> url = value;
                case "header" -> headers.add(value);
                case "client" -> client = value;
                case "listener" -> listener = value;
                default -> {
                    return null;
                }
            }
        }
        return url == null ? null : new RequestQuestion(method, url, headers, client, listener);
    }

    private static @Nullable String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            return null;
        }
    }
}
