package dev.fairlead.http.forward;

import dev.fairlead.http.exchange.Downstream;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.TunnelSide;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.http.message.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The copy of one request for a mirror. It is gathered while the request is forwarded, and sent as an exchange of
/// its own once that is whole: the client's exchange never waits for it, and its answer is dropped. This loop only.
///
/// The copy has the same `Host`, path and query as the endpoint is asked for, what the route has rewritten of them
/// included, so that it is served as the request would be, and says by `X-Mirrored` (the route's
/// name) that it is a copy; what a client says there is removed.
final class Mirrored implements Downstream {
    private static final byte[] MARK = "x-mirrored".getBytes(StandardCharsets.US_ASCII);

    private final Mirror mirror;
    private final Forwarder forwarder;
    private final Exchange original;
    private final RequestHead head;
    private @Nullable ByteBuf body;
    private @Nullable Forwarding forwarding;
    private boolean sent;
    private boolean over;

    /// A copy of the exchange's request, when one is wanted of it and may be made; else null.
    static @Nullable Mirrored begin(@Nullable Mirror mirror, Forwarder forwarder, Exchange original) {
        return mirror != null && mirror.tryBegin(original.request()) ? new Mirrored(mirror, forwarder, original) : null;
    }

    /// The mirror has taken it.
    private Mirrored(Mirror mirror, Forwarder forwarder, Exchange original) {
        this.mirror = mirror;
        this.forwarder = forwarder;
        this.original = original;
        this.head = original.request().copyForEndpoint();
        Fields fields = head.fields();
        fields.removeAll(MARK);
        fields.add(null, MARK, mirror.route(), 0, mirror.route().length);
    }

    /// The next piece of the request's body.
    void peekPiece(ByteBuf piece) {
        if (over) {
            return;
        }
        ByteBuf into = body;
        int size = piece.readableBytes();
        if (size > mirror.bodyBytesMax() - (into == null ? 0 : into.readableBytes())) {
            mirror.tooLarge();
            finish();
            return;
        }
        if (into == null) {
            into = PooledByteBufAllocator.DEFAULT.directBuffer(size);
            body = into;
        }
        into.writeBytes(piece, piece.readerIndex(), size);
    }

    boolean hasBody() {
        return head.hasBody();
    }

    /// The request is whole: its copy goes on its way, after what the loop has to do for the request itself.
    void send() {
        if (!over) {
            sent = true;
            mirror.sent();
            forwarder.loop().eventLoop().execute(this::begin);
        }
    }

    private void begin() {
        var exchange = new Exchange(original.client(), this, head, original.identity(), System.nanoTime());
        var sending = new Forwarding(forwarder, exchange, mirror.upstream(), new Destination(mirror.upstream()));
        forwarding = sending;
        if (body == null) {
            sending.onEnd(null);
        }
        sending.begin();
        sending.onReadComplete();
    }

    /// The request will not be whole.
    void abandon() {
        if (!sent) {
            finish();
        }
    }

    private void finish() {
        if (over) {
            return;
        }
        over = true;
        if (body != null) {
            body.release();
            body = null;
        }
        mirror.end();
    }

    @Override
    public void wantBody(boolean want) {
        ByteBuf all = body;
        Forwarding to = forwarding;
        if (want && all != null && to != null) {
            body = null;
            to.onBody(all);
            to.onEnd(null);
        }
    }

    @Override
    public void respond(ResponseHead response) {}

    @Override
    public void body(ByteBuf data) {
        data.release();
    }

    @Override
    public void end(@Nullable Fields trailers) {
        finish();
    }

    /// Never: what asks for an upgrade is not copied.
    @Override
    public void tunnel(ResponseHead head, TunnelSide endpoint, Runnable onOver) {
        throw new AssertionError("a copy does not ask for an upgrade");
    }

    @Override
    public void cut() {
        finish();
    }

    @Override
    public void flush() {}

    @Override
    public boolean isWritable() {
        return true;
    }
}
