package dev.fairlead.config;

/// Which versions of TLS are spoken, and with which ciphers. The names are Mozilla's.
public enum TlsPolicy {
    INTERMEDIATE,
    MODERN
}
