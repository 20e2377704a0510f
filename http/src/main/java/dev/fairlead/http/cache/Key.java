package dev.fairlead.http.cache;

import dev.fairlead.http.message.Ascii;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// How a key is put together, and what can be read from it again: `listener route upstream seen host target`, then
/// lines
/// with what the route has chosen of query, fields and cookies. None of the first five has a blank in it, and no part
/// a line break, so that no request can be made to look like another.
final class Key {
    /// Begins the line of chosen parameters; there is none where the whole query is in the target.
    static final String CHOSEN_QUERY = "\n?";

    private static final int WORDS_BEFORE_HOST = 4;

    private static final byte[] HTTP = "http".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HTTPS = "https".getBytes(StandardCharsets.US_ASCII);

    private Key() {}

    /// As what endpoints are told that the request came, which many answer by: the scheme, and where a trusted proxy
    /// has said so another host, and a port.
    static byte[] seen(RequestHead request) {
        Fields fields = request.fields();
        int proto = fields.find(FieldName.X_FORWARDED_PROTO);
        boolean isHttps = proto >= 0
                && Ascii.equalsIgnoreCase(fields.bytes(), fields.valueStart(proto), fields.valueEnd(proto), HTTPS);
        byte[] scheme = isHttps ? HTTPS : HTTP;
        boolean isOther = isOtherHost(request);
        boolean hasPort = fields.find(FieldName.X_FORWARDED_PORT) >= 0;
        if (!isOther && !hasPort) {
            return scheme;
        }
        String host = isOther ? fields.valueText(fields.find(FieldName.X_FORWARDED_HOST)) : "";
        String port = Vary.value(fields, FieldName.X_FORWARDED_PORT, FieldName.X_FORWARDED_PORT.lower());
        String all = (isHttps ? "https," : "http,") + host.toLowerCase(Locale.ROOT) + "," + port;
        return all.replace(' ', '+').getBytes(StandardCharsets.ISO_8859_1);
    }

    private static boolean isOtherHost(RequestHead request) {
        Fields fields = request.fields();
        int host = fields.find(FieldName.X_FORWARDED_HOST);
        if (host < 0) {
            return false;
        }
        byte[] bytes = fields.bytes();
        int said = fields.valueStart(host);
        int length = fields.valueEnd(host) - said;
        if (length != request.authorityEnd() - request.authorityStart()) {
            return true;
        }
        for (int i = 0; i < length; i++) {
            if (Ascii.lower(bytes[said + i]) != Ascii.lower(bytes[request.authorityStart() + i])) {
                return true;
            }
        }
        return false;
    }

    private static int start(String key, int word) {
        int at = 0;
        for (int i = 0; i < word; i++) {
            at = key.indexOf(' ', at) + 1;
        }
        return at;
    }

    private static String word(String key, int word) {
        int start = start(key, word);
        return key.substring(start, key.indexOf(' ', start));
    }

    private static int hostStart(String key) {
        return start(key, WORDS_BEFORE_HOST);
    }

    static String listener(String key) {
        return word(key, 0);
    }

    static String route(String key) {
        return word(key, 1);
    }

    /// See [#seen(RequestHead)].
    static String seen(String key) {
        return word(key, WORDS_BEFORE_HOST - 1);
    }

    /// With the port, if the client has said one.
    static String host(String key) {
        return word(key, WORDS_BEFORE_HOST);
    }

    /// Path, and the query unless only chosen parameters of it count.
    static String target(String key) {
        int start = key.indexOf(' ', hostStart(key)) + 1;
        int end = key.indexOf('\n', start);
        return key.substring(start, end < 0 ? key.length() : end);
    }

    /// Whether a request for this target would have this key, as far as a target tells. Of a parameter that the key
    /// lacks it cannot be seen whether it was chosen: then it may have.
    static boolean mayBeOf(String key, String target) {
        String own = target(key);
        int chosen = key.indexOf(CHOSEN_QUERY);
        if (chosen < 0) {
            return own.equals(target);
        }
        int query = target.indexOf('?');
        if (!own.equals(query < 0 ? target : target.substring(0, query))) {
            return false;
        }
        int start = chosen + CHOSEN_QUERY.length();
        int end = key.indexOf('\n', start);
        String pairs = key.substring(start, end < 0 ? key.length() : end);
        List<String> asked = query < 0 ? List.of() : normal(target.substring(query + 1));
        return pairs.isEmpty() || asked.containsAll(normal(pairs.substring(1)));
    }

    private static List<String> normal(String pairs) {
        return Arrays.stream(pairs.split("&")).map(QueryKey::normal).toList();
    }
}
