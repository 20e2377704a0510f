package dev.fairlead.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// Where an endpoint is, as the file says it: an IP address, or a name that DNS knows the addresses of; and a port, or
/// `*` for the one that the client of each flow has asked for.
public sealed interface EndpointAddress permits Address, HostAddress, NamedAddress {
    /// Stands for the port that a client has asked for.
    int ASKED_PORT = 0;

    /// Null where it has a name instead.
    @Nullable
    InetAddress ip();

    /// [#ASKED_PORT] when it has none of its own.
    int port();

    /// Whether a flow that is led there keeps the port that its client asked for.
    boolean keepsPort();

    /// Where to connect to, at its own port or the one that is asked for. Of a name, one that nothing can connect to:
    /// it has to be resolved before.
    InetSocketAddress socketAddress();

    /// As text, where a flow is whose client has asked for this port: with the port instead of the `*` where it is
    /// kept.
    default String place(int askedPort) {
        return toString();
    }
}
