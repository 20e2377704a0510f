package dev.fairlead.http.exchange;

import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.Method;
import dev.fairlead.http.message.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/// A response that Fairlead gives by itself. Filled by its maker, sent once. The exchange's loop only.
public final class OwnResponse {
    /// A request's body that is read to its end before the answer, so that the connection can go on: what one read
    /// of a socket brings. A longer one, or one of unknown length, costs its connection.
    static final int BODY_BYTES_MAX = 64 << 10;

    private final Exchange exchange;
    private final ResponseHead head;
    private byte[] body = {};

    public OwnResponse(Exchange exchange, int status) {
        this(exchange, new ResponseHead());
        head.status(status, 0, 0);
    }

    /// With the head of an endpoint, that has nothing more to say of a body.
    OwnResponse(Exchange exchange, ResponseHead head) {
        this.exchange = exchange;
        this.head = head;
    }

    int status() {
        return head.status();
    }

    public Fields fields() {
        return head.fields();
    }

    /// The body, which nobody writes to any more.
    public OwnResponse body(byte[] bytes) {
        body = bytes;
        return this;
    }

    /// Answers as soon as that does the connection no harm: what takes the rest of the request, or null when it is
    /// answered already.
    public @Nullable Upload answer() {
        long length = exchange.request().contentLength();
        boolean isAwaited = exchange.request().fields().find(FieldName.EXPECT) >= 0;
        if (length > 0 && length <= BODY_BYTES_MAX && !isAwaited) {
            return new Unread();
        }
        send();
        return null;
    }

    /// Answers now. The exchange's response has not begun.
    public void send() {
        if (head.status() >= 400 && Grpc.isCall(exchange.request())) {
            exchange.grpcStatus(Grpc.refuse(head, exchange.fault()));
            exchange.downstream().respond(head);
            exchange.downstream().end(null);
            exchange.downstream().flush();
            return;
        }
        Downstream downstream = exchange.downstream();
        int status = head.status();
        // RFC 9110 §8.6: no length with 204, and none needs to be with 304.
        boolean never = status == 204 || status == 304;
        boolean bodiless = never || exchange.request().method() == Method.HEAD;
        if (!never) {
            head.fields().add(FieldName.CONTENT_LENGTH, Integer.toString(body.length));
        }
        head.contentLength(bodiless ? 0 : body.length);
        head.bodiless(bodiless);
        downstream.respond(head);
        if (!bodiless && body.length > 0) {
            downstream.body(Unpooled.wrappedBuffer(body));
        }
        downstream.end(null);
        downstream.flush();
    }

    /// Passes over a short body and then answers.
    private final class Unread implements Upload {
        @Override
        public void onBody(ByteBuf data) {
            data.release();
        }

        @Override
        public void onEnd(@Nullable Fields trailers) {
            send();
        }

        @Override
        public void onReadComplete() {}

        @Override
        public void onWritable() {}

        @Override
        public void onAborted() {}
    }
}
