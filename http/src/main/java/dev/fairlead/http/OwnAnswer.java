package dev.fairlead.http;

import dev.fairlead.http.exchange.Downstream;
import dev.fairlead.http.exchange.TunnelSide;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.ResponseHead;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// Nobody, in the place of a client: keeps the head of what Fairlead answers by itself, and passes over the rest.
final class OwnAnswer implements Downstream {
    private @Nullable ResponseHead head;

    /// Null while there is none.
    @Nullable
    ResponseHead head() {
        return head;
    }

    @Override
    public void respond(ResponseHead own) {
        head = own;
    }

    @Override
    public void body(ByteBuf data) {
        data.release();
    }

    @Override
    public void end(@Nullable Fields trailers) {}

    @Override
    public void tunnel(ResponseHead switching, TunnelSide endpoint, Runnable onOver) {
        throw new IllegalStateException("nobody asked an endpoint");
    }

    @Override
    public void cut() {}

    @Override
    public void flush() {}

    @Override
    public boolean isWritable() {
        return true;
    }

    @Override
    public void wantBody(boolean want) {}
}
