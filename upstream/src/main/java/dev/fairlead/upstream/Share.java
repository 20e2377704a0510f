package dev.fairlead.upstream;

/// An endpoint that may be picked, and its part of the picks: its weight relative to the others.
public record Share(Endpoint endpoint, int weight) {}
