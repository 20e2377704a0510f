package dev.fairlead.kernel.bpf;

/// A named part of a fixed structure: of a header on the wire, or of a map's key or value.
public record Field(String name, int offset, int bytes) {}
