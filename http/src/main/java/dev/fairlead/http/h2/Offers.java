package dev.fairlead.http.h2;

import io.netty.handler.codec.http2.Http2Settings;
import java.util.ArrayList;
import java.util.List;

/// What an endpoint offers on a connection, which it says at its beginning (RFC 9113 §6.5), and the attempts that
/// cannot begin before. Its loop only.
final class Offers {
    private final List<H2Attempt> waiting = new ArrayList<>();
    private boolean areKnown;
    private boolean haveTunnels;

    /// Whether it has said so. If not, the attempt is told when it has.
    boolean areKnown(H2Attempt attempt) {
        if (!areKnown) {
            waiting.add(attempt);
        }
        return areKnown;
    }

    /// Whether a stream may be a tunnel (RFC 8441 §3).
    boolean haveTunnels() {
        return haveTunnels;
    }

    void onSettings(Http2Settings settings) {
        areKnown = true;
        Boolean tunnels = settings.connectProtocolEnabled();
        haveTunnels = tunnels == null ? haveTunnels : tunnels;
        waiting.forEach(H2Attempt::onSettings);
        waiting.clear();
    }

    /// The connection is no more.
    void end() {
        waiting.forEach(H2Attempt::onClosed);
        waiting.clear();
    }
}
