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

    /// Whether a response with this head is given to every client as it comes.
    public boolean leaves(ResponseHead head) {
        return !isFor(head) && coded(head) == null;
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

    /// The coding of a response that is to be decoded for those who do not take it; null: it is not. A part cannot be
    /// decoded, and of several codings none is.
    @Nullable
    Coding coded(ResponseHead head) {
        Fields fields = head.fields();
        int field = fields.find(FieldName.CONTENT_ENCODING);
        boolean isFor = spec.decompress()
                && field >= 0
                && fields.findAfter(field, FieldName.CONTENT_ENCODING) < 0
                && fields.find(FieldName.CONTENT_RANGE) < 0
                && hasContent(head.status())
                && !saysNoTransform(fields);
        return isFor ? Coding.named(fields.bytes(), fields.valueStart(field), fields.valueEnd(field)) : null;
    }

    /// Whether the client gets it without.
    boolean isDecodedFor(RequestHead request, Coding coding) {
        return !AcceptEncoding.takes(request.fields(), coding) && !saysNoTransform(request.fields());
    }

    /// One that has room to be decoded; given back with [#endDecoding]. Null: there is none.
    @Nullable
    Decoded tryDecode(Coding coding, ResponseHead head) {
        int more = coding.decoderMemory();
        if (!tryTake(more)) {
            return null;
        }
        metrics.decoded(coding, more);
        return new Decoded(head, spec.decompressMax(), spec.decompressRatio());
    }

    void endDecoding(Coding coding) {
        give(coding.decoderMemory());
    }

    private boolean tryTake(int more) {
        if (memory.addAndGet(more) > spec.memoryMax()) {
            memory.addAndGet(-more);
            metrics.refused();
            return false;
        }
        return true;
    }

    private void give(int less) {
        memory.addAndGet(-less);
        metrics.ended(less);
    }

    /// What the client gets of it; null: the response as it is. An old client may not know chunks, and would lose its
    /// connection.
    @Nullable
    Coding choose(RequestHead request) {
        boolean isAsIs = request.version() == HttpVersion.HTTP_1_0 || saysNoTransform(request.fields());
        return isAsIs ? null : AcceptEncoding.best(request.fields(), codings);
    }

    /// Leaves in the request the one coding that its client gets, or none: where answers are kept, each is kept once
    /// for each of these, compressed. A part is asked for of the bytes as they are.
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

    /// Whether one more may be compressed now, which is gathered first or not; given back with [#end].
    boolean tryBegin(Coding coding, boolean isGathered) {
        int more = coding.memory(level(coding), isGathered);
        if (!tryTake(more)) {
            return false;
        }
        metrics.begun(coding, more);
        return true;
    }

    void end(Coding coding, boolean wasGathered) {
        give(coding.memory(level(coding), wasGathered));
    }
}
