package dev.fairlead.upstream;

import dev.fairlead.config.Address;
import dev.fairlead.config.EndpointAddress;
import dev.fairlead.config.HostAddress;
import dev.fairlead.config.NamedAddress;
import org.jspecify.annotations.Nullable;

/// Where an endpoint comes from: `config`, or the source that names it, `dns app.example:80`, `dns-srv NAME`, `file
/// PATH`; what servers of that name are asked for by HTTP, null where it has no name; and the name that its certificate
/// has to have, null where nobody we believe has said one.
public record Origin(
        String source, @Nullable String host, @Nullable String serverName) {
    /// It stands in the config, by its address.
    public static final Origin CONFIG = without("config");

    /// It has an address and no name.
    public static Origin without(String source) {
        return new Origin(source, null, null);
    }

    /// Found by a name that was given to us.
    public static Origin named(String source, NamedAddress name) {
        return new Origin(source, hostOf(name), name.host());
    }

    /// Found by a name that DNS itself has said. RFC 9525 §6.1: who could change DNS would choose the certificate.
    public static Origin told(String source, NamedAddress name) {
        return new Origin(source, hostOf(name), null);
    }

    private static String hostOf(NamedAddress name) {
        // RFC 9110 §4.2: the port that a scheme has anyway is left out; no server has two hosts by it.
        boolean isUsual = name.port() == 80 || name.port() == 443;
        return isUsual ? name.host() : name.toString();
    }

    static Origin inConfig(EndpointAddress address) {
        return switch (address) {
            case Address _, HostAddress _ -> CONFIG;
            case NamedAddress name -> named(CONFIG.source, name);
        };
    }

    /// What an endpoint at this address is asked for by `Host`.
    public String host(String address) {
        return host == null ? address : host;
    }

    @Override
    public String toString() {
        return source;
    }
}
