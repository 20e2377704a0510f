package dev.fairlead.config;

/// How a PROXY protocol header is written.
public enum ProxyVersion {
    /// One line of text.
    V1,
    /// Binary, with room for more facts.
    V2
}
