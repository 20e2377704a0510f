package dev.fairlead.net.resolve;

/// One SRV record (RFC 2782): a server's name in lower case and without the last dot, empty for `.`.
record SrvRecord(int priority, int weight, int port, String target) {}
