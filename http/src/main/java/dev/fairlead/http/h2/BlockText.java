package dev.fairlead.http.h2;

import dev.fairlead.config.HttpLimits;
import dev.fairlead.http.codec.HeadError;
import dev.fairlead.http.codec.RequestReader;
import dev.fairlead.http.codec.Upgrades;
import dev.fairlead.http.message.Ascii;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.RequestHead;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Writes field blocks of HTTP/2 down as HTTP/1.1 would have them, so that one reader, with one set of rules and
/// limits, reads both. What RFC 9113 §8.2 and §8.3 call malformed is refused before: nothing in a block can become a
/// line, a field or a message that is not in it. RFC 9114 §4.2 and §4.3 say the same of HTTP/3. One loop.
public final class BlockText {
    private static final AsciiString METHOD = AsciiString.cached(":method");
    private static final AsciiString SCHEME = AsciiString.cached(":scheme");
    private static final AsciiString AUTHORITY = AsciiString.cached(":authority");
    private static final AsciiString PATH = AsciiString.cached(":path");
    private static final AsciiString PROTOCOL = AsciiString.cached(":protocol");
    private static final AsciiString CONNECT = AsciiString.cached("CONNECT");
    private static final AsciiString GET = AsciiString.cached("GET");
    private static final AsciiString OPTIONS = AsciiString.cached("OPTIONS");
    private static final AsciiString ASTERISK = AsciiString.cached("*");
    private static final AsciiString HTTP = AsciiString.cached("http");
    private static final AsciiString HTTPS = AsciiString.cached("https");

    private static final AsciiString COOKIE = AsciiString.cached("cookie");
    private static final AsciiString HOST = AsciiString.cached("host");
    private static final AsciiString KEY = AsciiString.cached("sec-websocket-key");
    private static final AsciiString TE = AsciiString.cached("te");
    private static final AsciiString UPGRADE = AsciiString.cached("upgrade");
    private static final AsciiString TRAILERS = AsciiString.cached("trailers");
    private static final AsciiString CONTENT_LENGTH = AsciiString.cached("content-length");

    /// RFC 9113 §8.2.2: about a connection, of which HTTP/2 says such things by other means.
    private static final List<AsciiString> OF_CONNECTION = List.of(
            AsciiString.cached("connection"),
            AsciiString.cached("keep-alive"),
            AsciiString.cached("proxy-connection"),
            AsciiString.cached("transfer-encoding"),
            AsciiString.cached("upgrade"));

    private final Bytes lines = new Bytes(1024);
    private final Bytes cookies = new Bytes(256);
    private final byte[] key = new byte[16];
    private @Nullable AsciiString method;
    private @Nullable AsciiString scheme;
    private @Nullable AsciiString authority;
    private @Nullable AsciiString path;
    private @Nullable AsciiString protocol;
    private @Nullable AsciiString host;
    private @Nullable AsciiString contentLength;

    /// Puts the head of a request. `isWhole`: no body follows. What is malformed, or null.
    public @Nullable String request(FieldBlock block, boolean isWhole, Bytes out) {
        begin();
        String wrong = fields(block, true);
        if (wrong == null) {
            wrong = pseudo();
        }
        if (wrong == null) {
            put(isWhole, out);
        }
        return wrong;
    }

    /// Reads what [#request] has put, as any head of HTTP/1.1. What is wrong, or null.
    public static @Nullable HeadError read(Bytes text, RequestHead head, HttpLimits limits, Upgrades upgrades) {
        var reader = new RequestReader(head, limits, upgrades);
        reader.reset();
        boolean isRead = reader.read(Unpooled.wrappedBuffer(text.array(), 0, text.length()));
        assert isRead : "a head has an end";
        HeadError wrong = reader.error();
        return wrong == null ? reader.finish() : wrong;
    }

    /// Whether the last request asked for a tunnel.
    public boolean isTunnel() {
        return protocol != null;
    }

    /// Puts the lines of trailers, with the empty one that ends them. What is malformed, or null.
    public @Nullable String trailers(FieldBlock block, Bytes out) {
        begin();
        String wrong = fields(block, false);
        out.clear().put(lines.array(), 0, lines.length()).put((byte) '\r').put((byte) '\n');
        return wrong;
    }

    private void begin() {
        lines.clear();
        cookies.clear();
        method = null;
        scheme = null;
        authority = null;
        path = null;
        protocol = null;
        host = null;
        contentLength = null;
    }

    private @Nullable String fields(FieldBlock block, boolean mayBePseudo) {
        boolean inPseudo = mayBePseudo;
        for (int i = 0; i < block.count(); i++) {
            AsciiString name = block.name(i);
            AsciiString value = block.value(i);
            if (!isValue(value)) {
                return "malformed field value";
            }
            boolean isPseudo = !name.isEmpty() && name.byteAt(0) == ':';
            if (isPseudo && !inPseudo) {
                return "pseudo-header field out of place";
            }
            inPseudo = isPseudo;
            String wrong = isPseudo ? pseudo(name, value) : field(name, value);
            if (wrong != null) {
                return wrong;
            }
        }
        return null;
    }

    /// RFC 9113 §8.2.1: no NUL, CR or LF, and no white space around it. What else HTTP/1 refuses, its reader does.
    static boolean isValue(AsciiString value) {
        byte[] bytes = value.array();
        int from = value.arrayOffset();
        int to = from + value.length();
        for (int i = from; i < to; i++) {
            if (bytes[i] <= '\r' && (bytes[i] == 0 || bytes[i] == '\r' || bytes[i] == '\n')) {
                return false;
            }
        }
        return from == to || !Ascii.isSpace(bytes[from]) && !Ascii.isSpace(bytes[to - 1]);
    }

    /// RFC 9113 §8.3: each once, and none that is not known.
    private @Nullable String pseudo(AsciiString name, AsciiString value) {
        boolean isFirst;
        if (name.contentEquals(METHOD)) {
            isFirst = method == null;
            method = value;
        } else if (name.contentEquals(PATH)) {
            isFirst = path == null;
            path = value;
        } else if (name.contentEquals(AUTHORITY)) {
            isFirst = authority == null;
            authority = value;
        } else if (name.contentEquals(SCHEME)) {
            isFirst = scheme == null;
            scheme = value;
        } else if (name.contentEquals(PROTOCOL)) {
            isFirst = protocol == null;
            protocol = value;
        } else {
            return "pseudo-header field not known";
        }
        return isFirst ? null : "pseudo-header field twice";
    }

    private @Nullable String field(AsciiString name, AsciiString value) {
        String wrong = wrongIn(name);
        if (wrong != null) {
            return wrong;
        }
        if (name.contentEquals(TE) && !value.contentEqualsIgnoreCase(TRAILERS)) {
            return "TE other than trailers";
        }
        if (name.contentEquals(HOST)) {
            boolean isFirst = host == null;
            host = value;
            return isFirst ? null : "more than one Host";
        }
        if (name.contentEquals(COOKIE)) {
            // RFC 9113 §8.2.3: HTTP/1 has one.
            if (cookies.length() > 0) {
                cookies.put((byte) ';').put((byte) ' ');
            }
            put(value, cookies);
            return null;
        }
        if (name.contentEquals(KEY)) {
            // RFC 8441 §5.1: it is HTTP/1's, and ours to choose.
            return null;
        }
        if (name.contentEquals(CONTENT_LENGTH)) {
            if (contentLength != null) {
                return "more than one Content-Length";
            }
            contentLength = value;
        }
        line(name, value, lines);
        return null;
    }

    /// What is wrong with the name of a field of any message, or null.
    static @Nullable String wrongIn(AsciiString name) {
        if (!isName(name)) {
            return "malformed field name";
        }
        return OF_CONNECTION.contains(name) ? "field of a connection" : null;
    }

    /// RFC 9113 §8.2.1, and of what it allows, what is a token: in lower case.
    private static boolean isName(AsciiString name) {
        byte[] bytes = name.array();
        int from = name.arrayOffset();
        int to = from + name.length();
        boolean good = from < to;
        for (int i = from; i < to; i++) {
            good &= Ascii.isToken(bytes[i]) && Ascii.lower(bytes[i]) == bytes[i];
        }
        return good;
    }

    /// What the pseudo-header fields of a request mean together: RFC 9113 §8.3.1.
    private @Nullable String pseudo() {
        AsciiString verb = method;
        AsciiString named = authority;
        if (verb == null || !isMethod(verb)) {
            return "malformed :method";
        }
        if (named != null && (named.isEmpty() || host != null && !host.contentEqualsIgnoreCase(named))) {
            return named.isEmpty() ? "empty :authority" : "Host differs from :authority";
        }
        if (protocol != null && (!isMethod(protocol) || named == null || !verb.contentEquals(CONNECT))) {
            return "malformed :protocol";
        }
        if (verb.contentEquals(CONNECT) && protocol == null) {
            return scheme == null && path == null && named != null ? null : "malformed CONNECT";
        }
        if (scheme == null || !scheme.contentEqualsIgnoreCase(HTTP) && !scheme.contentEqualsIgnoreCase(HTTPS)) {
            return "malformed :scheme";
        }
        return path != null && isPath(path, verb) ? null : "malformed :path";
    }

    private static boolean isMethod(AsciiString method) {
        return !method.isEmpty() && all(method, Ascii::isToken);
    }

    private static boolean isPath(AsciiString path, AsciiString method) {
        if (path.contentEquals(ASTERISK)) {
            return method.contentEquals(OPTIONS);
        }
        return !path.isEmpty() && path.byteAt(0) == '/' && all(path, Ascii::isTarget);
    }

    private interface OfBytes {
        boolean has(byte b);
    }

    private static boolean all(AsciiString text, OfBytes kind) {
        int to = text.arrayOffset() + text.length();
        for (int i = text.arrayOffset(); i < to; i++) {
            if (!kind.has(text.array()[i])) {
                return false;
            }
        }
        return true;
    }

    private void put(boolean isWhole, Bytes out) {
        AsciiString verb = method;
        AsciiString target = path == null ? authority : path;
        AsciiString named = authority == null ? host : authority;
        assert verb != null && target != null;
        out.clear();
        put(protocol == null ? verb : GET, out);
        out.put((byte) ' ');
        put(target, out);
        out.put(" HTTP/1.1\r\n");
        if (named != null) {
            line(HOST, named, out);
        }
        out.put(lines.array(), 0, lines.length());
        if (cookies.length() > 0) {
            put(COOKIE, out);
            out.put((byte) ':').put((byte) ' ').put(cookies.array(), 0, cookies.length());
            out.put((byte) '\r').put((byte) '\n');
        }
        AsciiString asked = protocol;
        if (asked != null) {
            upgrade(asked, out);
        } else if (!isWhole && contentLength == null) {
            // The end of the body is known by the stream's.
            out.put("transfer-encoding: chunked\r\n");
        }
        out.put((byte) '\r').put((byte) '\n');
    }

    /// RFC 8441 §5: what asks for a tunnel in HTTP/1. Whether the endpoint's proof fits the key is looked at as ever.
    private void upgrade(AsciiString asked, Bytes out) {
        out.put("connection: upgrade\r\n");
        line(UPGRADE, asked, out);
        ThreadLocalRandom.current().nextBytes(key);
        line(KEY, new AsciiString(Base64.getEncoder().encode(key), false), out);
    }

    static void line(AsciiString name, AsciiString value, Bytes out) {
        put(name, out);
        out.put((byte) ':').put((byte) ' ');
        put(value, out);
        out.put((byte) '\r').put((byte) '\n');
    }

    static void put(AsciiString text, Bytes out) {
        out.put(text.array(), text.arrayOffset(), text.arrayOffset() + text.length());
    }
}
