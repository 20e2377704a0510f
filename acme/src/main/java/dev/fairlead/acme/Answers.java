package dev.fairlead.acme;

import java.io.IOException;
import java.security.KeyStore.PrivateKeyEntry;
import java.util.Map;

/// Who answers the authority when it looks whether a name is ours: the listeners.
public interface Answers {
    /// From now on these are asked for and no others: key authorizations by token (RFC 8555 §8.3), keys with their
    /// certificate by host name (RFC 8737 §3).
    void inFlight(Map<String, String> byToken, Map<String, PrivateKeyEntry> byName) throws IOException;
}
