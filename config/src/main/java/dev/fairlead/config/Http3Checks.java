package dev.fairlead.config;

import dev.fairlead.config.pem.HexKey;
import dev.fairlead.config.pem.Unusable;
import java.util.function.BiConsumer;

/// Whether HTTP/3 can be spoken where it is asked for. Problems are told by their path.
final class Http3Checks {
    private final BiConsumer<String, String> error;

    /// `error` takes a path and a message.
    Http3Checks(BiConsumer<String, String> error) {
        this.error = error;
    }

    void listener(HttpListenerSpec listener, String path) {
        Http3Spec http3 = listener.http3();
        if (http3 == null) {
            return;
        }
        if (listener.tls() == null) {
            error.accept(path + "/http3", "QUIC is always encrypted, and the listener has no `tls`");
        }
        boolean isOnePort =
                listener.eachAddress().stream().map(Address::port).distinct().count() <= 1;
        if (!isOnePort && http3.announcePort() == 0 && !http3.announce().isZero()) {
            error.accept(
                    path + "/http3",
                    "clients are told one port, and the listener has several: name it by `announce-port`, or give each port a listener");
        }
        if (listener.proxyProtocol() != null) {
            error.accept(
                    path + "/proxy-protocol",
                    "it is not spoken over UDP: by `http3` clients would pass the proxy in front by");
        }
        String key = http3.resetKeyFile();
        if (key != null) {
            try {
                HexKey.read(key);
            } catch (Unusable unusable) {
                error.accept(path + "/http3/reset-key-file", TlsChecks.sentence(unusable));
            }
        }
    }
}
