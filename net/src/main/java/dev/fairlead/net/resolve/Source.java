package dev.fairlead.net.resolve;

import dev.fairlead.config.DiscoverSpec;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.NamedAddress;
import dev.fairlead.config.UpstreamSpec;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Where endpoints are looked for. As text it is the label of metrics and log lines.
sealed interface Source {
    /// A name in a list of endpoints.
    record Name(NamedAddress address) implements Source {
        @Override
        public String toString() {
            return address.toString();
        }
    }

    record Srv(String name) implements Source {
        @Override
        public String toString() {
            return "dns-srv " + name;
        }
    }

    /// `keepsPort`: whether flows to its endpoints keep the port that their clients asked for.
    record File(String path, boolean keepsPort) implements Source {
        @Override
        public boolean isReadInsteadOf(Source before) {
            return before instanceof File(String known, var _) && known.equals(path);
        }

        @Override
        public String toString() {
            return "file " + path;
        }
    }

    /// Whether the other one was of the same file.
    default boolean isReadInsteadOf(Source before) {
        return false;
    }

    /// What the config of an upstream names; names that a file lists come on top.
    static Set<Source> of(UpstreamSpec spec) {
        Set<Source> sources = new LinkedHashSet<>(names(spec.endpoints()));
        DiscoverSpec discover = spec.discover();
        if (discover != null && discover.dnsSrv() != null) {
            sources.add(new Srv(discover.dnsSrv()));
        }
        if (discover != null && discover.file() != null) {
            sources.add(new File(discover.file(), spec.keepsPort()));
        }
        return sources;
    }

    static Set<Source> names(List<EndpointSpec> endpoints) {
        Set<Source> names = new LinkedHashSet<>();
        for (EndpointSpec each : endpoints) {
            if (each.address() instanceof NamedAddress name) {
                names.add(new Name(name));
            }
        }
        return names;
    }
}
