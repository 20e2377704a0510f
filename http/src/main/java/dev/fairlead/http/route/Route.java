package dev.fairlead.http.route;

import dev.fairlead.http.forward.Destination;

/// Where a request goes. The name is for logs.
public record Route(String name, Destination destination) {}
