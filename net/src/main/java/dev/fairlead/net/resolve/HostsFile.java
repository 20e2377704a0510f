package dev.fairlead.net.resolve;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The names that the machine knows without DNS (hosts(5)), and `localhost`, which is never asked for (RFC 6761
/// §6.3). Immutable.
final class HostsFile {
    private final Map<String, List<InetAddress>> byName = new HashMap<>();

    HostsFile(String text) {
        text.lines().forEach(this::line);
        byName.computeIfAbsent("localhost", _ -> List.of(InetAddress.ofLiteral("127.0.0.1")));
    }

    private void line(String line) {
        String[] words = line.replaceFirst("#.*", "").strip().split("\\s+");
        try {
            InetAddress address = InetAddress.ofLiteral(words[0]);
            for (int i = 1; i < words.length; i++) {
                byName.computeIfAbsent(words[i].toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
                        .add(address);
            }
        } catch (IllegalArgumentException noAddress) {
            // A line of another kind.
        }
    }

    /// Null when the file does not have the name; DNS may.
    @Nullable
    List<InetAddress> addresses(String name, boolean isIpv6) {
        List<InetAddress> all = byName.get(name.toLowerCase(Locale.ROOT));
        return all == null
                ? null
                : all.stream()
                        .filter(each -> each instanceof Inet6Address == isIpv6)
                        .toList();
    }
}
