package dev.fairlead.config;

/// A coding that answers can be given (RFC 9110 §8.4.1, RFC 7932, RFC 8878).
public enum ContentCoding {
    ZSTD,
    BR,
    GZIP
}
