package dev.fairlead.config;

import dev.fairlead.config.pem.HexKey;
import dev.fairlead.config.pem.Unusable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Whether the parts of a udp listener fit together, and the endpoints of its upstream. Problems are told by their
/// path.
final class UdpChecks {
    private final UdpListenerSpec listener;
    private final @Nullable UpstreamSpec upstream;
    private final BiConsumer<String, String> error;

    /// `error` takes a path and a message. The upstream is null when there is none of its name.
    UdpChecks(UdpListenerSpec listener, @Nullable UpstreamSpec upstream, BiConsumer<String, String> error) {
        this.listener = listener;
        this.upstream = upstream;
        this.error = error;
    }

    void run() {
        QuicSpec quic = listener.quic();
        if (quic == null) {
            return;
        }
        String path = "/listeners/" + YamlText.escaped(listener.name());
        if (listener.requests() > 0 || listener.responses() > 0) {
            String key = listener.requests() > 0 ? "requests" : "responses";
            error.accept(
                    path + "/" + key,
                    "a QUIC connection has no fixed number of datagrams: `" + key + "` and `quic` exclude each other");
        }
        key(quic, path + "/quic");
        if (upstream != null && quic.serverIdLength() > 0) {
            serverIds(quic.serverIdLength(), upstream.name(), upstream.endpoints());
        }
    }

    private void key(QuicSpec quic, String path) {
        String file = quic.keyFile();
        if (file == null) {
            return;
        }
        if (quic.serverIdLength() == 0) {
            error.accept(path + "/key-file", "`key-file` means nothing without `server-id-length`");
        }
        int octets = quic.serverIdLength() + quic.nonceLength();
        if (octets > QuicSpec.ENCRYPTED_MAX) {
            error.accept(
                    path + "/key-file",
                    "`server-id-length` and `nonce-length` are " + octets
                            + " octets together: a connection id has room for " + QuicSpec.ENCRYPTED_MAX);
        }
        try {
            HexKey.read(file);
        } catch (Unusable unusable) {
            error.accept(path + "/key-file", TlsChecks.sentence(unusable));
        }
    }

    private void serverIds(int length, String upstreamName, List<EndpointSpec> endpoints) {
        String path = "/upstreams/" + YamlText.escaped(upstreamName) + "/endpoints/";
        Map<String, Integer> seen = new HashMap<>();
        for (int i = 0; i < endpoints.size(); i++) {
            String id = endpoints.get(i).serverId();
            if (id == null) {
                continue;
            }
            if (id.length() != 2 * length) {
                error.accept(
                        path + i + "/server-id",
                        "`" + id + "` has " + id.length() / 2 + " octets, and the listener `" + listener.name()
                                + "` reads " + length + " (`server-id-length`)");
            }
            Integer first = seen.putIfAbsent(id, i);
            if (first != null) {
                error.accept(
                        path + i + "/server-id",
                        "the endpoint `" + endpoints.get(first).address() + "` has the same `server-id`");
            }
        }
    }
}
