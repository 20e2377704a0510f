package dev.fairlead.http.codec;

import dev.fairlead.config.HttpLimits;
import dev.fairlead.http.message.Ascii;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.HttpVersion;
import dev.fairlead.http.message.Method;
import dev.fairlead.http.message.NormalPath;
import dev.fairlead.http.message.PathReader;
import dev.fairlead.http.message.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Reads the heads of HTTP/1 requests and works out what they mean for the connection: where the body ends, whether
/// the connection goes on, what the host is. After [#finish] no field that is only about this connection is left in
/// the head.
public final class RequestReader extends HeadReader {
    private static final byte[] HTTP = "http://".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HTTPS = "https://".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CHUNKED = "chunked".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CLOSE = "close".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] KEEP_ALIVE = "keep-alive".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TRAILERS = "trailers".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CONTINUE = "100-continue".getBytes(StandardCharsets.US_ASCII);
    /// The first line of what a client of HTTP/2 begins with, made to be refused by HTTP/1.
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n".getBytes(StandardCharsets.US_ASCII);
    /// Method, spaces and version beside the target.
    private static final int START_LINE_REST = 64;
    /// Two empty lines.
    private static final int EMPTY_BYTES_MAX = 4;

    private final RequestHead head;
    private final int targetMax;
    private final Upgrades upgrades;
    private final boolean isSecured;
    private final PathReader path = new PathReader();

    private int minor;
    private boolean absolute;
    private boolean chunked;
    private boolean persistent;
    private boolean first = true;

    /// Of what came in the clear.
    public RequestReader(RequestHead head, HttpLimits limits, Upgrades upgrades) {
        this(head, limits, upgrades, false);
    }

    /// `isSecured`: over TLS, where `https` is the scheme of what is asked for.
    RequestReader(RequestHead head, HttpLimits limits, Upgrades upgrades, boolean isSecured) {
        super(
                head.fields(),
                limits.headBytes(),
                limits.fieldCount(),
                limits.targetBytes() + START_LINE_REST,
                limits.underscores());
        this.head = head;
        this.targetMax = limits.targetBytes();
        this.upgrades = upgrades;
        this.isSecured = isSecured;
    }

    @Override
    public void reset() {
        super.reset();
        head.clear();
        path.clear();
        absolute = false;
        chunked = false;
        first = false;
    }

    /// The client speaks HTTP/1.1, not 1.0.
    boolean isVersion11() {
        return minor >= 1;
    }

    boolean isChunked() {
        return chunked;
    }

    /// The client means to send another request on this connection (RFC 9112 §9.3).
    boolean isPersistent() {
        return persistent;
    }

    /// RFC 9112 §2.2: one who sends an extra CRLF after a body is forgiven.
    @Override
    int emptyBytesMax() {
        return EMPTY_BYTES_MAX;
    }

    /// RFC 9112 §3: a method longer than any that is known is 501, a target longer than what is taken 414.
    @Override
    HeadError startLineTooLong(byte[] bytes, int end) {
        for (int i = 0; i < end; i++) {
            if (bytes[i] == ' ') {
                return HeadError.TARGET_TOO_LONG;
            }
        }
        return HeadError.METHOD_TOO_LONG;
    }

    /// RFC 9112 §3: `method SP request-target SP HTTP-version`.
    @Override
    @Nullable
    HeadError startLine(byte[] bytes, int start, int end) {
        int methodEnd = start;
        while (methodEnd < end && Ascii.isToken(bytes[methodEnd])) {
            methodEnd++;
        }
        if (methodEnd == start || methodEnd == end || bytes[methodEnd] != ' ') {
            return HeadError.METHOD;
        }
        head.method(start, methodEnd);
        int target = methodEnd + 1;
        int targetEnd = target;
        while (targetEnd < end && Ascii.isTarget(bytes[targetEnd])) {
            targetEnd++;
        }
        if (targetEnd - target > targetMax) {
            return HeadError.TARGET_TOO_LONG;
        }
        if (targetEnd == target || targetEnd == end || bytes[targetEnd] != ' ') {
            return HeadError.TARGET;
        }
        HeadError wrong = version(bytes, targetEnd + 1, end);
        if (wrong != null) {
            return wrong;
        }
        if (head.method() == Method.CONNECT) {
            return HeadError.CONNECT_REFUSED;
        }
        wrong = target(bytes, target, targetEnd);
        head.version(minor == 0 ? HttpVersion.HTTP_1_0 : HttpVersion.HTTP_1_1);
        head.startLineEnd(absolute || minor != 1 ? 0 : end + 2);
        return wrong;
    }

    /// Whether this head, which is wrong, is the beginning of HTTP/2 (RFC 9113 §3.4): only as a connection's first.
    boolean isPreface() {
        return first
                && error() == HeadError.VERSION_UNSUPPORTED
                && head.fields().length() == PREFACE.length
                && Arrays.equals(head.fields().bytes(), 0, PREFACE.length, PREFACE, 0, PREFACE.length);
    }

    /// The preface with all that has been read behind its first line.
    static ByteBuf withPreface(ByteBuf in) {
        return Unpooled.wrappedBuffer(Unpooled.wrappedBuffer(PREFACE), in.readRetainedSlice(in.readableBytes()));
    }

    private @Nullable HeadError version(byte[] bytes, int start, int end) {
        if (end - start != 8
                || bytes[start] != 'H'
                || bytes[start + 1] != 'T'
                || bytes[start + 2] != 'T'
                || bytes[start + 3] != 'P'
                || bytes[start + 4] != '/'
                || bytes[start + 6] != '.') {
            return HeadError.VERSION;
        }
        int major = bytes[start + 5] - '0';
        minor = bytes[start + 7] - '0';
        if (major < 0 || major > 9 || minor < 0 || minor > 9) {
            return HeadError.VERSION;
        }
        return major == 1 ? null : HeadError.VERSION_UNSUPPORTED;
    }

    /// RFC 9112 §3.2: origin-form, absolute-form, and `*` for OPTIONS.
    private @Nullable HeadError target(byte[] bytes, int start, int end) {
        if (bytes[start] == '/') {
            return path(bytes, start, end);
        }
        if (bytes[start] == '*' && end == start + 1) {
            head.target(start, end, end);
            return head.method() == Method.OPTIONS ? null : HeadError.TARGET;
        }
        int authority = schemeEnd(bytes, start, end);
        if (authority < 0) {
            return HeadError.TARGET;
        }
        int authorityEnd = authority;
        while (authorityEnd < end && bytes[authorityEnd] != '/' && bytes[authorityEnd] != '?') {
            authorityEnd++;
        }
        absolute = true;
        if (authorityEnd == authority || !authority(bytes, authority, authorityEnd)) {
            return HeadError.TARGET;
        }
        return path(bytes, authorityEnd, end);
    }

    /// Where the authority of an absolute target begins; -1 when its scheme is none that this connection could have.
    private int schemeEnd(byte[] bytes, int start, int end) {
        if (isScheme(HTTP, bytes, start, end)) {
            return start + HTTP.length;
        }
        // RFC 9112 §3.2.2: a server MUST accept the absolute form. In the clear nobody can ask us for https.
        return isSecured && isScheme(HTTPS, bytes, start, end) ? start + HTTPS.length : -1;
    }

    private static boolean isScheme(byte[] scheme, byte[] bytes, int start, int end) {
        int schemeEnd = start + scheme.length;
        return schemeEnd < end && Ascii.equalsIgnoreCase(bytes, start, schemeEnd, scheme);
    }

    private @Nullable HeadError path(byte[] bytes, int start, int end) {
        return switch (path.read(bytes, start, end)) {
            case PATH -> {
                head.target(start, path.end(), end);
                yield null;
            }
            case MALFORMED -> HeadError.TARGET;
            case DOT_SEGMENT -> HeadError.DOT_SEGMENT;
        };
    }

    /// RFC 3986 §3.2: `host [":" port]`; no user.
    private boolean authority(byte[] bytes, int start, int end) {
        int hostEnd = start;
        int bracket = -1;
        for (int i = start; i < end; i++) {
            byte b = bytes[i];
            if (!Ascii.isHost(b)) {
                return false;
            }
            if (b == '[' && i != start || b == ']' && (bracket >= 0 || bytes[start] != '[')) {
                return false;
            }
            bracket = b == ']' ? i : bracket;
        }
        if (start < end && bytes[start] == '[') {
            if (bracket < 0) {
                return false;
            }
            hostEnd = bracket + 1;
        } else {
            while (hostEnd < end && bytes[hostEnd] != ':') {
                hostEnd++;
            }
        }
        head.authority(start, hostEnd, end);
        if (hostEnd == end || bytes[hostEnd] != ':') {
            return hostEnd == end;
        }
        long port = Ascii.digits(bytes, hostEnd + 1, end);
        return hostEnd > start && (hostEnd + 1 == end || port >= 0 && port <= 65535);
    }

    /// The head is whole: what its fields mean together. What is wrong, or null.
    public @Nullable HeadError finish() {
        Fields fields = head.fields();
        HeadError wrong = host(fields);
        if (wrong == null) {
            wrong = length(fields);
        }
        if (wrong == null) {
            wrong = expect(fields);
        }
        if (wrong == null) {
            connection(fields);
            asterisk(fields);
            if (path.hasEscapes()) {
                NormalPath.give(head);
            }
        }
        return wrong;
    }

    /// RFC 9112 §3.2: exactly one Host in HTTP/1.1. With an absolute target the two must agree, or caches and
    /// endpoints could be led to see two different hosts; §3.2.2 would have us ignore Host there.
    private @Nullable HeadError host(Fields fields) {
        int host = fields.find(FieldName.HOST);
        if (host < 0) {
            return isVersion11() ? HeadError.HOST_MISSING : null;
        }
        if (fields.findAfter(host, FieldName.HOST) >= 0) {
            return HeadError.HOST_TWICE;
        }
        int start = fields.valueStart(host);
        int end = fields.valueEnd(host);
        if (!absolute) {
            return authority(fields.bytes(), start, end) ? null : HeadError.HOST;
        }
        int size = end - start;
        if (size != head.authorityEnd() - head.authorityStart()) {
            return HeadError.HOST_MISMATCH;
        }
        for (int i = 0; i < size; i++) {
            if (Ascii.lower(fields.bytes()[start + i]) != Ascii.lower(fields.bytes()[head.authorityStart() + i])) {
                return HeadError.HOST_MISMATCH;
            }
        }
        return null;
    }

    /// RFC 9112 §6.1 to §6.3, and where it leaves a choice, the refusal.
    private @Nullable HeadError length(Fields fields) {
        int length = fields.find(FieldName.CONTENT_LENGTH);
        int coding = fields.find(FieldName.TRANSFER_ENCODING);
        if (coding >= 0) {
            if (length >= 0) {
                return HeadError.LENGTH_AND_CODING;
            }
            chunked = true;
            head.contentLength(RequestHead.UNKNOWN);
            return isVersion11() ? coding(fields, coding) : HeadError.CODING;
        }
        if (length >= 0) {
            if (fields.findAfter(length, FieldName.CONTENT_LENGTH) >= 0) {
                return HeadError.LENGTH_TWICE;
            }
            long bytes = Ascii.digits(fields.bytes(), fields.valueStart(length), fields.valueEnd(length));
            head.contentLength(bytes);
            return bytes < 0 ? HeadError.LENGTH : null;
        }
        return null;
    }

    /// Only `chunked`, once. Another coding before it is one that we do not have; anything else leaves the end
    /// unknown.
    static @Nullable HeadError coding(Fields fields, int coding) {
        if (fields.findAfter(coding, FieldName.TRANSFER_ENCODING) >= 0) {
            return HeadError.CODING;
        }
        byte[] bytes = fields.bytes();
        int start = fields.valueStart(coding);
        int end = fields.valueEnd(coding);
        fields.remove(coding);
        if (Ascii.equalsIgnoreCase(bytes, start, end, CHUNKED)) {
            return null;
        }
        int last = end;
        while (last > start && bytes[last - 1] != ',') {
            last--;
        }
        while (last < end && Ascii.isSpace(bytes[last])) {
            last++;
        }
        boolean chunkedLast = Ascii.equalsIgnoreCase(bytes, last, end, CHUNKED);
        return chunkedLast && !Ascii.listHas(bytes, start, last, CHUNKED) ? HeadError.CODING_UNKNOWN : HeadError.CODING;
    }

    private @Nullable HeadError expect(Fields fields) {
        // RFC 9110 §10.1.1: from HTTP/1.0 it MUST be ignored, and without a body it means nothing. Where endpoints
        // disagree on that, they disagree on where the next message begins.
        if (!isVersion11() || !head.hasBody()) {
            fields.removeAll(FieldName.EXPECT);
            return null;
        }
        // Nothing but 100-continue is defined. It is passed on: the endpoint answers it.
        for (int i = fields.find(FieldName.EXPECT); i >= 0; i = fields.findAfter(i, FieldName.EXPECT)) {
            if (!Ascii.equalsIgnoreCase(fields.bytes(), fields.valueStart(i), fields.valueEnd(i), CONTINUE)) {
                return HeadError.EXPECTATION;
            }
        }
        return null;
    }

    private void connection(Fields fields) {
        boolean close = HopByHop.listHas(fields, FieldName.CONNECTION, CLOSE);
        boolean keepAlive = !isVersion11() && HopByHop.listHas(fields, FieldName.CONNECTION, KEEP_ALIVE);
        persistent = !close && (isVersion11() || keepAlive);
        head.wantsTrailers(isVersion11() && HopByHop.listHas(fields, FieldName.TE, TRAILERS));
        // RFC 9110 §7.8: not from HTTP/1.0; and with a body it is not clear what that would be part of.
        head.upgrade(isVersion11() && !head.hasBody() ? upgrades.askedBy(head) : null);
        HopByHop.remove(fields);
    }

    /// RFC 9112 §3.2.4: OPTIONS of a host without a path is about the host.
    private void asterisk(Fields fields) {
        if (head.method() == Method.OPTIONS && absolute && head.targetStart() == head.targetEnd()) {
            int at = fields.place((byte) '*');
            head.target(at, at + 1, at + 1);
        }
    }
}
