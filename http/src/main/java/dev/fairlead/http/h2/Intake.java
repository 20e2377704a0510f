package dev.fairlead.http.h2;

import dev.fairlead.config.HttpLimits.Underscores;
import dev.fairlead.http.codec.HeadError;
import dev.fairlead.http.codec.TrailerReader;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/// What has come of a request's body and cannot be passed on yet: as much as the stream's window, for that is not
/// opened again before. It is copied, for a piece of few bytes would hold all that was read with it. One loop; its
/// owner ends it.
public final class Intake {
    public static final String LENGTH_DIFFERS = "Content-Length differs from the DATA";

    private static final int TRAILERS_MAX = 8 << 10;
    private static final int TRAILER_COUNT_MAX = 64;

    private final RequestHead head;
    private final Underscores underscores;
    private boolean isWanted = true;
    private boolean isWhole;
    private boolean isEnded;
    private @Nullable ByteBuf held;
    private @Nullable Fields trailers;

    public Intake(RequestHead head, Underscores underscores) {
        this.head = head;
        this.underscores = underscores;
    }

    /// RFC 9113 §8.1.1: whether so many bytes, the last of them or not, may be those of the request. What is more than
    /// its length would be another request to an endpoint that speaks HTTP/1.
    public boolean fits(long bytes, boolean isLast) {
        long length = head.contentLength();
        return length == RequestHead.UNKNOWN || (isLast ? bytes == length : bytes <= length);
    }

    /// More has come, and it was the last or not.
    public void onWhole(boolean isLast) {
        isWhole |= isLast;
    }

    public boolean isWhole() {
        return isWhole;
    }

    /// Whether what comes can be passed on at once.
    public boolean isFree() {
        return isWanted && held == null;
    }

    /// Whether more of it is awaited from the client.
    public boolean isAwaited() {
        return isWanted && !isWhole;
    }

    /// Only looks at the buffer.
    public void peekAndHold(ByteBuf data) {
        ByteBuf into = held;
        if (into == null) {
            into = PooledByteBufAllocator.DEFAULT.directBuffer(Math.max(1024, data.readableBytes()));
            held = into;
        }
        into.writeBytes(data, data.readerIndex(), data.readableBytes());
    }

    /// What was held; the caller owns it.
    public @Nullable ByteBuf take() {
        ByteBuf taken = held;
        held = null;
        return taken;
    }

    public void want(boolean want) {
        isWanted = want;
    }

    /// True once: when all was passed on and the end is to follow.
    public boolean takeEnd() {
        if (!isWhole || isEnded || !isFree()) {
            return false;
        }
        isEnded = true;
        return true;
    }

    public @Nullable Fields trailers() {
        return trailers;
    }

    /// Reads the lines of trailers. What is wrong with them, or null.
    public @Nullable String trailers(Bytes lines) {
        var reader = reader(underscores);
        HeadError wrong = read(lines, reader);
        if (wrong != null) {
            return wrong.text();
        }
        trailers = reader.fields().count() == 0 ? null : reader.fields();
        return null;
    }

    static TrailerReader reader(Underscores underscores) {
        return new TrailerReader(new Fields(), TRAILERS_MAX, TRAILER_COUNT_MAX, underscores);
    }

    /// What is wrong with the lines, or null.
    static @Nullable HeadError read(Bytes lines, TrailerReader reader) {
        boolean isRead = reader.read(Unpooled.wrappedBuffer(lines.array(), 0, lines.length()));
        assert isRead : "trailers have an end";
        if (reader.error() == null) {
            reader.finish();
        }
        return reader.error();
    }

    /// Nobody takes any more.
    public void end() {
        isEnded = true;
        ReferenceCountUtil.release(take());
    }
}
