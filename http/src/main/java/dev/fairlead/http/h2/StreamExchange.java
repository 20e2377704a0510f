package dev.fairlead.http.h2;

import dev.fairlead.http.codec.Bridge;
import dev.fairlead.http.exchange.Downstream;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.http.exchange.FaultResponses;
import dev.fairlead.http.exchange.Service;
import dev.fairlead.http.exchange.TunnelSide;
import dev.fairlead.http.exchange.Upload;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.ResponseHead;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// One exchange on a stream of a client's connection: how it ends early, and how it becomes a tunnel, be it over HTTP/2
/// or over HTTP/3. Its loop only.
public abstract class StreamExchange implements Downstream {
    private final Service service;

    /// Who takes the request; null before it is asked and after it is over.
    protected @Nullable Upload upload;

    protected @Nullable Bridge tunnel;
    /// A tunnel is asked for: what comes on the stream is no body.
    protected boolean isTunnel;

    protected boolean isResponding;
    protected boolean isOver;

    protected StreamExchange(Service service) {
        this.service = service;
    }

    protected abstract Exchange exchange();

    protected abstract Intake intake();

    // ---- the request ----

    /// Refuses a request whose head could not be read.
    protected final void refuse(Fault fault, String details) {
        service.onRefused(exchange());
        exchange().fault(fault, details);
        FaultResponses.send(exchange(), fault, details);
    }

    /// Ends the exchange for what the client did, or did not do, with its body.
    protected final void abort(Fault fault, String details) {
        exchange().fault(fault, details);
        abandon();
        if (isResponding) {
            cut();
        } else {
            FaultResponses.send(exchange(), fault, details);
        }
    }

    protected final void abandon() {
        Upload takes = upload;
        upload = null;
        intake().end();
        if (takes != null) {
            takes.onAborted();
        }
    }

    /// A piece that was held and may be passed on now.
    protected final @Nullable ByteBuf wanted(boolean want) {
        intake().want(want);
        return want && upload != null ? intake().take() : null;
    }

    /// Tells of the request's end, when all of it was passed on.
    protected final void takeEnd() {
        if (upload != null && intake().takeEnd()) {
            upload.onEnd(intake().trailers());
        }
    }

    // ---- tunnels ----

    @Override
    public final void tunnel(ResponseHead response, TunnelSide endpoint, Runnable onOver) {
        response.status(200, 0, 0);
        response.fields().removeAll(FieldName.SEC_WEBSOCKET_ACCEPT);
        exchange().status(response.status());
        upload = null;
        tunnel = agree(response, intake().take(), intake().isWhole(), endpoint, onOver);
        tunnel.begin();
        flush();
    }

    /// Sends the head by which the client learns of it. `read`: what the client has sent already, and `isWhole`,
    /// whether
    /// that is all. Takes the buffer.
    protected abstract Bridge agree(
            ResponseHead response, @Nullable ByteBuf read, boolean isWhole, TunnelSide endpoint, Runnable onOver);

    // ---- the end ----

    /// The stream is about to end for this, if its exchange has not.
    public final void fault(Fault fault, String details) {
        if (tunnel != null && fault == Fault.DRAINED) {
            tunnel.cut("drained");
        } else if (!isOver) {
            exchange().fault(fault, details);
        }
    }

    /// The stream is closed before the exchange is over.
    protected final void leave() {
        exchange().fault(Fault.DOWNSTREAM_GONE, "");
        abandon();
        over(false);
    }

    protected void over(boolean isWhole) {
        isOver = true;
        upload = null;
        intake().end();
        ended(isWhole);
        service.ended(exchange(), System.nanoTime());
    }

    /// For the connection's own count.
    protected abstract void ended(boolean isWhole);
}
