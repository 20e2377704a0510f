package dev.fairlead.http.filter;

import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.message.Ascii;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.RequestHead;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Tells the endpoint who asked, for what and how: `Via` (RFC 9110 §7.6.3), `Forwarded` (RFC 7239) and the
/// `X-Forwarded-` fields that came before it. What a client says of itself in these is not believed, it is replaced;
/// what a trusted proxy says of its client is kept and added to. One thread.
public final class ForwardedFields {
    private static final byte[] HTTP = ascii("http");
    private static final byte[] HTTPS = ascii("https");
    private static final byte[] HOST = ascii(";host=");
    private static final byte[] PROTO = ascii(";proto=");
    /// What says who a client is, whoever invented it.
    private static final FieldName[] OURS = {
        FieldName.FORWARDED,
        FieldName.X_FORWARDED_FOR,
        FieldName.X_FORWARDED_HOST,
        FieldName.X_FORWARDED_PORT,
        FieldName.X_FORWARDED_PROTO,
        FieldName.X_REAL_IP
    };

    private final Bytes scratch = new Bytes(256);
    private final ClientChain chain = new ClientChain();

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /// Changes the head of a request that came from `peer`. Who asked: the peer, or its client when it is trusted.
    public Client add(RequestHead request, Client peer, FieldTerms terms) {
        Client client;
        if (!terms.trusts(peer.address().getAddress())) {
            replace(request, peer);
            client = peer;
        } else if (terms.isFromForwarded()) {
            client = followForwarded(request, peer, terms);
        } else {
            client = followForwardedFor(request, peer, terms);
        }
        byte[] via = terms.via(request.version());
        request.fields().add(FieldName.VIA, via, 0, via.length);
        return client;
    }

    private void replace(RequestHead request, Client peer) {
        Fields fields = request.fields();
        for (FieldName name : OURS) {
            fields.removeAll(name);
        }
        byte[] ip = peer.ip();
        fields.add(FieldName.X_FORWARDED_FOR, ip, 0, ip.length);
        byte[] proto = proto(peer);
        fields.add(FieldName.X_FORWARDED_PROTO, proto, 0, proto.length);
        host(request);
        scratch.clear();
        element(request, peer.forwardedFor(), proto);
        fields.add(FieldName.FORWARDED, scratch.array(), 0, scratch.length());
    }

    // ---- a proxy that keeps X-Forwarded-For ----

    private Client followForwardedFor(RequestHead request, Client peer, FieldTerms terms) {
        Fields fields = request.fields();
        Client client = client(chain.byForwardedFor(fields, terms), peer);
        scratch.clear();
        join(fields, FieldName.X_FORWARDED_FOR, 0);
        scratch.put(peer.ip());
        fields.removeAll(FieldName.X_FORWARDED_FOR);
        fields.add(FieldName.X_FORWARDED_FOR, scratch.array(), 0, scratch.length());
        realIp(fields, client);
        byte[] proto = keptProto(fields, peer);
        int host = keptHost(fields);
        if (host < 0) {
            host(request);
        }
        fields.removeAll(FieldName.FORWARDED);
        scratch.clear().put(client.forwardedFor());
        if (host >= 0) {
            host(fields.bytes(), fields.valueStart(host), fields.valueEnd(host));
        } else if (request.hasAuthority()) {
            host(fields.bytes(), request.authorityStart(), request.authorityEnd());
        }
        scratch.put(PROTO).put(proto);
        fields.add(FieldName.FORWARDED, scratch.array(), 0, scratch.length());
        return client;
    }

    /// Leaves the one field that says `http` or `https`; else writes it.
    private static byte[] keptProto(Fields fields, Client peer) {
        int said = fields.find(FieldName.X_FORWARDED_PROTO);
        if (said >= 0 && fields.findAfter(said, FieldName.X_FORWARDED_PROTO) < 0) {
            int from = fields.valueStart(said);
            int to = fields.valueEnd(said);
            if (Ascii.equalsIgnoreCase(fields.bytes(), from, to, HTTPS)) {
                return HTTPS;
            }
            if (Ascii.equalsIgnoreCase(fields.bytes(), from, to, HTTP)) {
                return HTTP;
            }
        }
        byte[] proto = proto(peer);
        fields.removeAll(FieldName.X_FORWARDED_PROTO);
        fields.add(FieldName.X_FORWARDED_PROTO, proto, 0, proto.length);
        return proto;
    }

    /// How the request came here.
    private static byte[] proto(Client peer) {
        return peer.tls() == null ? HTTP : HTTPS;
    }

    /// The one field that names a host, or -1, and then there is none.
    private static int keptHost(Fields fields) {
        int said = fields.find(FieldName.X_FORWARDED_HOST);
        if (said >= 0
                && fields.findAfter(said, FieldName.X_FORWARDED_HOST) < 0
                && isHost(fields.bytes(), fields.valueStart(said), fields.valueEnd(said))) {
            return said;
        }
        fields.removeAll(FieldName.X_FORWARDED_HOST);
        return -1;
    }

    private static boolean isHost(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            // A comma may stand in a host (RFC 3986 §3.2.2), but here it parts those of several proxies.
            if (!Ascii.isHost(bytes[i]) || bytes[i] == ',') {
                return false;
            }
        }
        return to > from;
    }

    // ---- a proxy that keeps Forwarded ----

    private Client followForwarded(RequestHead request, Client peer, FieldTerms terms) {
        Fields fields = request.fields();
        Client client = client(chain.byForwarded(fields, terms), peer);
        ForwardedReader read = chain.forwarded();
        fields.removeAll(FieldName.X_FORWARDED_FOR);
        fields.removeAll(FieldName.X_FORWARDED_PROTO);
        fields.removeAll(FieldName.X_FORWARDED_HOST);
        fields.removeAll(FieldName.X_FORWARDED_PORT);
        realIp(fields, client);
        byte[] ip = client.ip();
        fields.add(FieldName.X_FORWARDED_FOR, ip, 0, ip.length);
        byte[] proto = proto(peer);
        int host = 0;
        int hostEnd = 0;
        int element = chain.element();
        if (element >= 0) {
            int from = read.start(element, ForwardedReader.PROTO);
            int to = read.end(element, ForwardedReader.PROTO);
            proto = Ascii.equalsIgnoreCase(fields.bytes(), from, to, HTTPS) ? HTTPS : HTTP;
            host = read.start(element, ForwardedReader.HOST);
            hostEnd = read.end(element, ForwardedReader.HOST);
        }
        fields.add(FieldName.X_FORWARDED_PROTO, proto, 0, proto.length);
        if (isHost(fields.bytes(), host, hostEnd)) {
            scratch.clear().put(fields.bytes(), host, hostEnd);
            fields.add(FieldName.X_FORWARDED_HOST, scratch.array(), 0, scratch.length());
        } else {
            host(request);
        }
        scratch.clear();
        join(fields, FieldName.FORWARDED, read.keptFrom());
        element(request, peer.forwardedFor(), proto(peer));
        fields.removeAll(FieldName.FORWARDED);
        fields.add(FieldName.FORWARDED, scratch.array(), 0, scratch.length());
        return client;
    }

    // ---- both ----

    /// A proxy that tells of its client elsewhere may have passed this on as its client sent it; an endpoint that goes
    /// by it reads who was found. Where there is none, none is added.
    private static void realIp(Fields fields, Client client) {
        if (fields.find(FieldName.X_REAL_IP) >= 0) {
            fields.removeAll(FieldName.X_REAL_IP);
            byte[] ip = client.ip();
            fields.add(FieldName.X_REAL_IP, ip, 0, ip.length);
        }
    }

    private static Client client(@Nullable InetAddress found, Client peer) {
        return found == null ? peer : peer.at(new InetSocketAddress(found, 0));
    }

    /// Puts the values of all fields of this name from the given number on, each with a comma behind it: several
    /// fields of a list are one (RFC 9110 §5.3), and some who read them look at one only.
    private void join(Fields fields, FieldName name, int keptFrom) {
        for (int i = fields.findAfter(keptFrom - 1, name); i >= 0; i = fields.findAfter(i, name)) {
            if (fields.valueEnd(i) > fields.valueStart(i)) {
                scratch.put(fields.bytes(), fields.valueStart(i), fields.valueEnd(i))
                        .put((byte) ',')
                        .put((byte) ' ');
            }
        }
    }

    private static void host(RequestHead request) {
        if (request.hasAuthority()) {
            Fields fields = request.fields();
            fields.add(FieldName.X_FORWARDED_HOST, fields.bytes(), request.authorityStart(), request.authorityEnd());
        }
    }

    private void element(RequestHead request, byte[] forwardedFor, byte[] proto) {
        scratch.put(forwardedFor);
        if (request.hasAuthority()) {
            host(request.fields().bytes(), request.authorityStart(), request.authorityEnd());
        }
        scratch.put(PROTO).put(proto);
    }

    /// RFC 7239 §4: a value that is no token, as one with a port, stands in quotes.
    private void host(byte[] bytes, int start, int end) {
        boolean token = true;
        for (int i = start; i < end; i++) {
            token &= Ascii.isToken(bytes[i]);
        }
        scratch.put(HOST);
        if (token) {
            scratch.put(bytes, start, end);
        } else {
            scratch.put((byte) '"').put(bytes, start, end).put((byte) '"');
        }
    }
}
