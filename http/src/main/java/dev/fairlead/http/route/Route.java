package dev.fairlead.http.route;

import dev.fairlead.upstream.Upstream;

/// Where a request goes. The name is for logs.
public record Route(String name, Upstream upstream) {}
