package dev.fairlead.http.compress;

import dev.fairlead.config.CompressSpec;
import dev.fairlead.http.message.Ascii;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.HttpVersion;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.http.message.ResponseHead;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// What a route says of compression: which responses, how, and how many at once. Any thread.
public final class RouteCompression {
    private static final byte[] NO_TRANSFORM = "no-transform".getBytes(StandardCharsets.US_ASCII);

    private final CompressSpec spec;
    private final CompressionMetrics metrics;
    private final MediaTypes types;
    private final Coding[] codings;
    private final AtomicLong memory = new AtomicLong();

    private RouteCompression(CompressSpec spec, CompressionMetrics metrics) {
        this.metrics = metrics;
        this.spec = spec;
        this.codings = Coding.of(spec.codings());
        this.types = new MediaTypes(spec.types());
    }

    /// Null where nothing is compressed, or there is nothing to count it.
    public static @Nullable RouteCompression of(@Nullable CompressSpec spec, @Nullable CompressionMetrics metrics) {
        return spec == null || metrics == null || !spec.enabled() ? null : new RouteCompression(spec, metrics);
    }

    CompressionMetrics metrics() {
        return metrics;
    }

    int level(Coding coding) {
        return switch (coding) {
            case GZIP -> spec.gzipLevel();
            case BR -> spec.brLevel();
            case ZSTD -> spec.zstdLevel();
        };
    }

    /// Whether this is a response that is compressed for clients which take that.
    boolean isFor(ResponseHead head) {
        Fields fields = head.fields();
        return hasContent(head.status())
                && fields.find(FieldName.CONTENT_ENCODING) < 0
                && fields.find(FieldName.CONTENT_RANGE) < 0
                && isOfSize(head)
                && types.has(fields)
                && !saysNoTransform(fields);
    }

    /// RFC 9110 §15.3.7: the bytes of a part are those of the whole that was asked for a part of.
    private static boolean hasContent(int status) {
        return status >= 200 && status != 204 && status != 205 && status != 206 && status != 304;
    }

    private boolean isOfSize(ResponseHead head) {
        long size = head.contentLength();
        if (head.isBodiless()) {
            int field = head.fields().find(FieldName.CONTENT_LENGTH);
            size = field < 0
                    ? ResponseHead.UNKNOWN
                    : Ascii.digits(
                            head.fields().bytes(),
                            head.fields().valueStart(field),
                            head.fields().valueEnd(field));
        }
        return size == ResponseHead.UNKNOWN || size > 0 && size >= spec.sizeMin() && size <= spec.sizeMax();
    }

    /// What the client gets of it; null: the response as it is. An old client may not know chunks, and would lose its
    /// connection.
    @Nullable
    Coding choose(RequestHead request) {
        boolean isAsIs = request.version() == HttpVersion.HTTP_1_0 || saysNoTransform(request.fields());
        return isAsIs ? null : AcceptEncoding.best(request.fields(), codings);
    }

    /// Leaves in the request the one coding that its client gets, or none: where answers are kept, each is kept once
    /// for
    /// each of these, compressed. A part is asked for of the bytes as they are.
    public void normalise(RequestHead request) {
        Fields fields = request.fields();
        Coding coding = fields.find(FieldName.RANGE) < 0 ? choose(request) : null;
        fields.removeAll(FieldName.ACCEPT_ENCODING);
        if (coding != null) {
            fields.add(FieldName.ACCEPT_ENCODING, coding.word());
        }
    }

    /// RFC 9111 §5.2.1.6, §5.2.2.6.
    private static boolean saysNoTransform(Fields fields) {
        for (int i = fields.find(FieldName.CACHE_CONTROL); i >= 0; i = fields.findAfter(i, FieldName.CACHE_CONTROL)) {
            if (Ascii.listHas(fields.bytes(), fields.valueStart(i), fields.valueEnd(i), NO_TRANSFORM)) {
                return true;
            }
        }
        return false;
    }

    /// Whether one more may be compressed now; given back with [#end].
    boolean tryBegin(Coding coding) {
        int more = coding.memory(level(coding));
        if (memory.addAndGet(more) > spec.memoryMax()) {
            memory.addAndGet(-more);
            metrics.refused();
            return false;
        }
        metrics.begun(coding, more);
        return true;
    }

    void end(Coding coding) {
        int less = coding.memory(level(coding));
        memory.addAndGet(-less);
        metrics.ended(less);
    }
}
