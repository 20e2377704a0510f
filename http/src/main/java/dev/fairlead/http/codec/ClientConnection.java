package dev.fairlead.http.codec;

/// A client's connection, whatever version of HTTP it speaks. Its loop only.
public interface ClientConnection {
    /// Answers what is under way, then closes. An idle client has a moment to send what it was about to.
    void drain();

    /// The drain's deadline has come: ends the exchanges and the connection.
    void cutForDrain();
}
