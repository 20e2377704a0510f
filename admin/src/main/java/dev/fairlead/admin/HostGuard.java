package dev.fairlead.admin;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Refuses what a web page in an operator's browser may send here. A page can make its own name resolve to
/// 127.0.0.1 and then read whatever answers (DNS rebinding): its `Host` gives it away. A page can send a POST to
/// 127.0.0.1 without reading the answer: its `Origin` gives it away.
record HostGuard(InetSocketAddress bound) {
    boolean acceptsHost(@Nullable String host) {
        return host != null && isOurs(host);
    }

    /// Programs send no `Origin`, browsers do with every POST.
    boolean acceptsOrigin(@Nullable String origin) {
        return origin == null || (origin.startsWith("http://") && isOurs(origin.substring("http://".length())));
    }

    private boolean isOurs(String host) {
        String name = withoutPort(host).toLowerCase(Locale.ROOT);
        if (name.equals("localhost")) {
            return true;
        }
        InetAddress literal;
        try {
            literal = InetAddress.ofLiteral(unbracketed(name));
        } catch (IllegalArgumentException notLiteral) {
            return false;
        }
        // Bound to every address: any literal may be one of ours, and a literal cannot be rebound.
        InetAddress ours = bound.getAddress();
        return literal.isLoopbackAddress() || literal.equals(ours) || ours.isAnyLocalAddress();
    }

    private static String withoutPort(String host) {
        int colon = host.lastIndexOf(':');
        return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
    }

    private static String unbracketed(String name) {
        return name.startsWith("[") && name.endsWith("]") ? name.substring(1, name.length() - 1) : name;
    }
}
