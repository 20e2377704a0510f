package dev.fairlead.http.exchange;

import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.ResponseHead;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// Stands between the client of an exchange and who asks the endpoint for it: both see each other in it, and all passes
/// as it is but for what a subclass does about it. The exchange's loop only.
public abstract class Between implements Downstream, Upload {
    protected final Downstream client;
    private @Nullable Upload upload;

    protected Between(Downstream client) {
        this.client = client;
    }

    /// This one asks the endpoint, and takes the rest of the request. What the client's side is to tell instead.
    public final Upload of(Upload asking) {
        upload = asking;
        return this;
    }

    /// Who asks; null before that has begun, and after [#dismiss].
    protected final @Nullable Upload upload() {
        return upload;
    }

    /// Who asks is told nothing more of the client. Who it was.
    protected final @Nullable Upload dismiss() {
        Upload told = upload;
        upload = null;
        return told;
    }

    // ---- the response ----

    @Override
    public void respond(ResponseHead head) {
        client.respond(head);
    }

    @Override
    public void body(ByteBuf data) {
        client.body(data);
    }

    @Override
    public void end(@Nullable Fields trailers) {
        client.end(trailers);
    }

    @Override
    public void tunnel(ResponseHead head, TunnelSide endpoint, Runnable onOver) {
        client.tunnel(head, endpoint, onOver);
    }

    @Override
    public void cut() {
        client.cut();
    }

    @Override
    public void flush() {
        client.flush();
    }

    @Override
    public boolean isWritable() {
        return client.isWritable();
    }

    @Override
    public void wantBody(boolean want) {
        client.wantBody(want);
    }

    // ---- the request, and the client's other doings ----

    @Override
    public void onBody(ByteBuf data) {
        if (upload == null) {
            data.release();
        } else {
            upload.onBody(data);
        }
    }

    @Override
    public void onEnd(@Nullable Fields trailers) {
        if (upload != null) {
            upload.onEnd(trailers);
        }
    }

    @Override
    public void onReadComplete() {
        if (upload != null) {
            upload.onReadComplete();
        }
    }

    @Override
    public void onWritable() {
        if (upload != null) {
            upload.onWritable();
        }
    }

    @Override
    public void onAborted() {
        if (upload != null) {
            upload.onAborted();
        }
    }
}
