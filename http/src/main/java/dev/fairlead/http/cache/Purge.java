package dev.fairlead.http.cache;

import dev.fairlead.http.explain.Url;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Which of the kept responses an operator means: those are forgotten, or, if it is soft, stale from now on, so that
/// they are asked for again before they are used.
public record Purge(What what, boolean isSoft) {
    public sealed interface What {}

    /// One address, whatever variants it has. An empty host is every one, and so is every port of a host without one.
    private record One(String host, String target) implements What {}

    /// What begins with this path.
    private record Under(String host, String path) implements What {}

    private record Tagged(String tag) implements What {}

    private record Everything() implements What {}

    /// `http://host/path?query`, or `/path?query` for every host; null for what is no URL.
    public static @Nullable Purge url(String text, boolean isSoft) {
        Url url = read(text);
        return url == null ? null : new Purge(new One(host(text, url), url.target()), isSoft);
    }

    /// `http://host/path`, or `/path` for every host; null for what is no URL.
    public static @Nullable Purge prefix(String text, boolean isSoft) {
        Url url = read(text);
        return url == null ? null : new Purge(new Under(host(text, url), url.target()), isSoft);
    }

    private static @Nullable Url read(String text) {
        return Url.of(text.startsWith("/") ? "any" + text : text);
    }

    private static String host(String text, Url url) {
        return text.startsWith("/") ? "" : url.authority().toLowerCase(Locale.ROOT);
    }

    /// The target of that host as endpoints are asked for it.
    public static Purge target(String host, String target, boolean isSoft) {
        return new Purge(new One(host.toLowerCase(Locale.ROOT), target), isSoft);
    }

    /// Those whose `Cache-Tag` or `Surrogate-Key` has this word.
    public static Purge tag(String tag, boolean isSoft) {
        return new Purge(new Tagged(tag), isSoft);
    }

    public static Purge all(boolean isSoft) {
        return new Purge(new Everything(), isSoft);
    }

    /// Whether entries of this key may be meant; then [#isAbout(Entry)] says which.
    boolean isAbout(String key) {
        return switch (what) {
            case One(String host, String target) -> isHost(host, key) && Key.mayBeOf(key, target);
            case Under(String host, String path) ->
                isHost(host, key) && Key.target(key).startsWith(path);
            case Tagged _, Everything _ -> true;
        };
    }

    boolean isAbout(Entry entry) {
        return switch (what) {
            case Tagged(String tag) -> Tags.has(entry.head().fields(), tag);
            case One _, Under _, Everything _ -> true;
        };
    }

    /// What is left of a key's entries; null when none is.
    Entry @Nullable [] rest(Entry[] variants, long nowSeconds) {
        List<Entry> left = new ArrayList<>(variants.length);
        for (Entry each : variants) {
            if (!isAbout(each)) {
                left.add(each);
            } else if (isSoft) {
                left.add(each.with(each.freshness().expired(nowSeconds)));
            }
        }
        return left.isEmpty() ? null : left.toArray(Entry[]::new);
    }

    long count(Entry[] variants) {
        return Arrays.stream(variants).filter(this::isAbout).count();
    }

    private static boolean isHost(String wanted, String key) {
        if (wanted.isEmpty()) {
            return true;
        }
        String host = Key.host(key);
        return host.equals(wanted)
                || port(wanted) < 0 && port(host) >= 0 && host.startsWith(wanted) && port(host) == wanted.length();
    }

    /// Where the colon before a port stands; -1 when there is none. An IPv6 address has colons within brackets.
    private static int port(String authority) {
        int colon = authority.lastIndexOf(':');
        return colon > authority.lastIndexOf(']') ? colon : -1;
    }
}
