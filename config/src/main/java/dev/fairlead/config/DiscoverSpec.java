package dev.fairlead.config;

import org.jspecify.annotations.Nullable;

/// Where endpoints come from besides the list in the config; see docs/discovery.md.
public record DiscoverSpec(
        @Key(
                value =
                        "The name of DNS SRV records: each names a server with its port, weight and priority (RFC 2782).",
                optional = true,
                form = Form.DNS_NAME,
                example = "_http._tcp.app.example")
        @Nullable
        String dnsSrv,

        @Key(
                value =
                        "A file, YAML or JSON, with a list as in `endpoints`. It is followed while it changes; a file with a problem is reported and the last good list is kept.",
                optional = true,
                form = Form.FILE,
                example = "/run/fairlead/app.yaml")
        @Nullable
        String file,

        @Key(
                value =
                        "Whether the endpoints of the file keep the port that a client asked for: they are written `10.0.0.1:*` then, and names `app.example:*`. Where `endpoints` has some, those decide, and `true` is a mistake when they have ports. A change of it and of the file is followed once both are done.",
                absent = "false")
        boolean keepPort) {}
