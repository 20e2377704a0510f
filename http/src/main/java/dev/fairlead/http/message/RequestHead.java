package dev.fairlead.http.message;

import org.jspecify.annotations.Nullable;

/// What a request says before its body, whatever version of HTTP carried it. All texts are places in the array of
/// [#fields]. Used again for the next request of a connection.
public final class RequestHead {
    /// [#contentLength] of a body whose end only its coding tells.
    public static final long UNKNOWN = -1;

    private final Fields fields = new Fields();

    private Method method = Method.OTHER;
    private int methodStart;
    private int methodEnd;
    private int targetStart;
    private int targetEnd;
    private int pathEnd;
    private int normalStart;
    private int normalEnd;
    private int authorityStart;
    private int authorityEnd;
    private int hostEnd;
    private long contentLength;
    private boolean wantsTrailers;
    private int startLineEnd;
    private HttpVersion version = HttpVersion.HTTP_1_1;
    private byte @Nullable [] upgrade;
    private int sentStart;
    private int sentEnd;
    private boolean endpointHost;

    public void clear() {
        fields.clear();
        method = Method.OTHER;
        methodStart = 0;
        methodEnd = 0;
        targetStart = 0;
        targetEnd = 0;
        pathEnd = 0;
        normalStart = 0;
        normalEnd = 0;
        contentLength = 0;
        authorityStart = 0;
        authorityEnd = 0;
        hostEnd = 0;
        wantsTrailers = false;
        startLineEnd = 0;
        version = HttpVersion.HTTP_1_1;
        upgrade = null;
        sentStart = 0;
        sentEnd = 0;
        endpointHost = false;
    }

    /// A head of its own with the same parts, and with all that the endpoint is to see instead of what the client
    /// sent; but it asks for no upgrade.
    public RequestHead copyForEndpoint() {
        var copy = new RequestHead();
        copy.fields.copyFrom(fields);
        copy.method = method;
        copy.methodStart = methodStart;
        copy.methodEnd = methodEnd;
        copy.targetStart = targetStart;
        copy.targetEnd = targetEnd;
        copy.pathEnd = pathEnd;
        copy.normalStart = normalStart;
        copy.normalEnd = normalEnd;
        copy.authorityStart = authorityStart;
        copy.authorityEnd = authorityEnd;
        copy.hostEnd = hostEnd;
        copy.contentLength = contentLength;
        copy.wantsTrailers = wantsTrailers;
        copy.startLineEnd = startLineEnd;
        copy.version = version;
        copy.sentStart = sentStart;
        copy.sentEnd = sentEnd;
        copy.endpointHost = endpointHost;
        return copy;
    }

    public Fields fields() {
        return fields;
    }

    public Method method() {
        return method;
    }

    public void method(int start, int end) {
        methodStart = start;
        methodEnd = end;
        method = Method.of(fields.bytes(), start, end);
    }

    public String methodText() {
        return fields.text(methodStart, methodEnd);
    }

    public int methodStart() {
        return methodStart;
    }

    public int methodEnd() {
        return methodEnd;
    }

    /// Path and query, or `*`: `[start, end)`, of which the path is `[start, pathEnd)`.
    public void target(int start, int pathEnd, int end) {
        targetStart = start;
        this.pathEnd = pathEnd;
        targetEnd = end;
        normalPath(start, pathEnd);
    }

    /// The path in its normal form, `[start, end)`; see [NormalPath]. Without it, the path as it is written.
    void normalPath(int start, int end) {
        normalStart = start;
        normalEnd = end;
    }

    /// Where the path begins that routes compare, and that rewriting starts from.
    public int normalStart() {
        return normalStart;
    }

    public int normalEnd() {
        return normalEnd;
    }

    public int targetStart() {
        return targetStart;
    }

    public int pathEnd() {
        return pathEnd;
    }

    public int targetEnd() {
        return targetEnd;
    }

    public String targetText() {
        return fields.text(targetStart, targetEnd);
    }

    /// Host and port: `[start, end)`, of which the host is `[start, hostEnd)`. Empty when an HTTP/1.0 request names
    /// none.
    public void authority(int start, int hostEnd, int end) {
        authorityStart = start;
        this.hostEnd = hostEnd;
        authorityEnd = end;
    }

    public int authorityStart() {
        return authorityStart;
    }

    public int hostEnd() {
        return hostEnd;
    }

    public int authorityEnd() {
        return authorityEnd;
    }

    public boolean hasAuthority() {
        return authorityEnd > authorityStart;
    }

    /// The host without its port.
    public String hostText() {
        return fields.text(authorityStart, hostEnd);
    }

    public String authorityText() {
        return fields.text(authorityStart, authorityEnd);
    }

    /// Bytes of the body, 0 when there is none, or [#UNKNOWN].
    public long contentLength() {
        return contentLength;
    }

    public void contentLength(long length) {
        contentLength = length;
    }

    public boolean hasBody() {
        return contentLength != 0;
    }

    /// The client takes trailers (`TE: trailers`), so the endpoint may be told so.
    public boolean wantsTrailers() {
        return wantsTrailers;
    }

    public void wantsTrailers(boolean wants) {
        wantsTrailers = wants;
    }

    /// What the client speaks: `Via` says so.
    public HttpVersion version() {
        return version;
    }

    public void version(HttpVersion spoken) {
        version = spoken;
    }

    /// The protocol, in lower case, that the client wants its connection to switch to and that it may have; or null.
    public byte @Nullable [] upgrade() {
        return upgrade;
    }

    public void upgrade(byte @Nullable [] protocol) {
        upgrade = protocol;
    }

    /// The endpoint is to see another target than the client asked for, `[start, end)`.
    public void rewrite(int start, int end) {
        sentStart = start;
        sentEnd = end;
        startLineEnd = 0;
    }

    public boolean isRewritten() {
        return sentEnd > 0;
    }

    /// The rewritten target.
    public int sentStart() {
        return sentStart;
    }

    public int sentEnd() {
        return sentEnd;
    }

    /// Whether `Host`, of which there is none then, becomes the endpoint's name.
    public boolean isHostOfEndpoint() {
        return endpointHost;
    }

    public void hostOfEndpoint() {
        fields.removeAll(FieldName.HOST);
        endpointHost = true;
    }

    /// Above 0: the array holds, from [#methodStart] to here, a start line as HTTP/1.1 would write it, to be passed
    /// on as it is. Whoever changes method or target sets it to 0.
    public int startLineEnd() {
        return startLineEnd;
    }

    public void startLineEnd(int end) {
        startLineEnd = end;
    }
}
