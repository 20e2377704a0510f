package dev.fairlead.http.route;

import dev.fairlead.config.Condition;
import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.message.RequestHead;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The entries of one host, by path. Filled at the start, then only read.
final class PathTable {
    private final Keys<Leaf> exact = new Keys<>();
    private final TemplateTree templates = new TemplateTree();
    private final Keys<Leaf> prefixes = new Keys<>();
    private final Leaf regexes = new Leaf();
    private final Leaf any = new Leaf();

    void add(Entry entry) {
        Leaf leaf = switch (entry.specificity().path()) {
            case Condition.Path(String path) -> exact.getOrPut(bytes(path), false, Leaf::new);
            case Condition.PathTemplate template -> templates.leaf(template);
            case Condition.PathPrefix(String prefix) -> prefixes.getOrPut(bytes(prefix), false, Leaf::new);
            case Condition.PathRegex _ -> regexes;
            case null, default -> any;
        };
        leaf.add(entry);
    }

    /// Once all entries are there.
    void finish() {
        prefixes.forEach((key, leaf) -> leaf.shorter = longestPrefix(key, 0, key.length, key.length - 1));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// `bytes[from, to)` is the path.
    @Nullable
    Entry match(byte[] bytes, int from, int to, RequestHead request, Client client) {
        if (!exact.isEmpty()) {
            Leaf leaf = exact.get(bytes, from, to, Keys.hash(bytes, from, to, false), false);
            Entry found = leaf == null ? null : leaf.match(request, client);
            if (found != null) {
                return found;
            }
        }
        if (!templates.isEmpty() && bytes[from] == '/') {
            Entry found = templates.match(bytes, from + 1, to, request, client);
            if (found != null) {
                return found;
            }
        }
        if (!prefixes.isEmpty()) {
            for (Leaf leaf = longestPrefix(bytes, from, to, to); leaf != null; leaf = leaf.shorter) {
                Entry found = leaf.match(request, client);
                if (found != null) {
                    return found;
                }
            }
        }
        Entry found = regexes.match(request, client);
        return found == null ? any.match(request, client) : found;
    }

    /// Goes along the path once; every end of a segment, up to `last`, is the end of a prefix, and the last one
    /// found is the longest.
    private @Nullable Leaf longestPrefix(byte[] bytes, int from, int to, int last) {
        Leaf longest = null;
        int hash = Keys.EMPTY;
        for (int at = from; at <= last; at++) {
            if (at == to || bytes[at] == '/' && at > from) {
                Leaf leaf = prefixes.get(bytes, from, at, hash, false);
                longest = leaf == null ? longest : leaf;
            }
            if (at < to) {
                hash = Keys.hash(hash, bytes[at], false);
            }
        }
        return longest;
    }
}
