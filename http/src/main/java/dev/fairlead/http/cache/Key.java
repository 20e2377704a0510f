package dev.fairlead.http.cache;

import java.util.Arrays;
import java.util.List;

/// How a key is put together, and what can be read from it again: `listener route upstream host target`, then lines
/// with what the route has chosen of query, fields and cookies. None of the first four has a blank in it, and no part
/// a line break, so that no request can be made to look like another.
final class Key {
    /// Begins the line of chosen parameters; there is none where the whole query is in the target.
    static final String CHOSEN_QUERY = "\n?";

    private static final int WORDS_BEFORE_HOST = 3;

    private Key() {}

    private static int hostStart(String key) {
        int at = 0;
        for (int i = 0; i < WORDS_BEFORE_HOST; i++) {
            at = key.indexOf(' ', at) + 1;
        }
        return at;
    }

    /// With the port, if the client has said one.
    static String host(String key) {
        int start = hostStart(key);
        return key.substring(start, key.indexOf(' ', start));
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
