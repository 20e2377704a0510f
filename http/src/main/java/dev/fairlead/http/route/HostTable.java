package dev.fairlead.http.route;

import dev.fairlead.config.Condition;
import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.message.RequestHead;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The entries of one priority, by host and then by path. Filled at the start, then only read.
final class HostTable {
    private final Keys<PathTable> exact = new Keys<>();
    private final Keys<PathTable> suffixes = new Keys<>();
    private final PathTable regexes = new PathTable();
    private final PathTable any = new PathTable();
    private final List<PathTable> all = new ArrayList<>(List.of(regexes, any));
    private boolean hasRegexes;

    void add(Entry entry) {
        PathTable paths = switch (entry.specificity().host()) {
            case Condition.Host host ->
                (host.isWildcard() ? suffixes : exact).getOrPut(HostCriterion.key(host), true, this::paths);
            case Condition.HostRegex _ -> regexes;
            case null, default -> any;
        };
        hasRegexes |= paths == regexes;
        paths.add(entry);
    }

    private PathTable paths() {
        var paths = new PathTable();
        all.add(paths);
        return paths;
    }

    /// Once all entries are there.
    void finish() {
        all.forEach(PathTable::finish);
    }

    /// `bytes[path, pathEnd)` is the path; the host is asked of the request.
    @Nullable
    Entry match(byte[] bytes, int path, int pathEnd, RequestHead request, Client client) {
        byte[] hosts = request.fields().bytes();
        int host = request.authorityStart();
        int hostEnd = HostCriterion.end(request);
        if (!exact.isEmpty()) {
            PathTable same = exact.get(hosts, host, hostEnd, Keys.hash(hosts, host, hostEnd, true), true);
            Entry found = same == null ? null : same.match(bytes, path, pathEnd, request, client);
            if (found != null) {
                return found;
            }
        }
        if (!suffixes.isEmpty()) {
            for (int dot = host + 1; dot < hostEnd; dot++) {
                if (hosts[dot] != '.') {
                    continue;
                }
                PathTable below = suffixes.get(hosts, dot, hostEnd, Keys.hash(hosts, dot, hostEnd, true), true);
                Entry found = below == null ? null : below.match(bytes, path, pathEnd, request, client);
                if (found != null) {
                    return found;
                }
            }
        }
        if (hasRegexes) {
            Entry found = regexes.match(bytes, path, pathEnd, request, client);
            if (found != null) {
                return found;
            }
        }
        return any.match(bytes, path, pathEnd, request, client);
    }
}
