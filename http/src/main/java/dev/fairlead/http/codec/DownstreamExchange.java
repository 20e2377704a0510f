package dev.fairlead.http.codec;

import dev.fairlead.config.HttpLimits;
import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.exchange.Downstream;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.http.exchange.FaultResponses;
import dev.fairlead.http.exchange.ResponseFilter;
import dev.fairlead.http.exchange.Service;
import dev.fairlead.http.exchange.TunnelSide;
import dev.fairlead.http.exchange.Upload;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.http.message.ResponseHead;
import dev.fairlead.net.tls.TlsSession;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.SocketChannel;
import org.jspecify.annotations.Nullable;

/// The exchange that a client's HTTP/1 connection is busy with: its request's body on the way in, its response on
/// the way out. Used again for the next exchange of the connection. Its loop only.
final class DownstreamExchange implements Downstream {
    // immutable
    private final DownstreamConnection connection;
    private final SocketChannel channel;
    private final Service service;
    private final Client client;
    private final long bodyBytesMax;
    private final RequestHead head;
    private final RequestReader reader;
    private final BodyReader bodyReader;
    private final Bytes scratch;
    private final Outbox outbox;
    private final BodyWriter bodyWriter;

    // this loop only
    private @Nullable Exchange exchange;
    private @Nullable Upload upload;
    private boolean bodyComing;
    private boolean bodyWanted;
    private boolean responding;
    private boolean closing;
    private boolean untilClose;
    private long writtenBytes;

    DownstreamExchange(
            DownstreamConnection connection,
            SocketChannel channel,
            Service service,
            HttpLimits limits,
            RequestHead head,
            RequestReader reader,
            Bytes scratch) {
        this.connection = connection;
        this.channel = channel;
        this.service = service;
        this.client = Client.of(channel);
        this.bodyBytesMax = limits.bodyBytes() == 0 ? Long.MAX_VALUE : limits.bodyBytes();
        this.bodyReader = new BodyReader(limits.underscores());
        this.head = head;
        this.reader = reader;
        this.scratch = scratch;
        this.outbox = new Outbox(channel, TlsSession.of(channel) == null);
        this.bodyWriter = new BodyWriter(outbox, scratch);
    }

    /// The request is not whole yet.
    boolean isBodyComing() {
        return bodyComing;
    }

    /// What is read now is wanted: more of the body, or else the news that the client has left.
    boolean isInputWanted() {
        return !bodyComing || bodyWanted;
    }

    /// Bytes of this request's body so far.
    long bodyBytes() {
        return exchange == null ? 0 : exchange.requestBytes();
    }

    /// Bytes of bodies given to the channel, in all of the connection's exchanges.
    long writtenBytes() {
        return writtenBytes;
    }

    /// The response has begun, and only the connection's end will end it.
    boolean isUntilClose() {
        return responding && untilClose;
    }

    // ---- the request ----

    /// A request's head has been read.
    void begin(long startNanos) {
        Exchange begun = new Exchange(client, this, head, service.identity(), startNanos);
        exchange = begun;
        closing = !reader.isPersistent();
        bodyWanted = true;
        bodyComing = head.hasBody();
        begun.bodyBytesMax(bodyBytesMax);
        if (reader.isChunked()) {
            bodyReader.chunked();
        } else {
            bodyReader.length(head.contentLength());
        }
        Upload takes = service.begin(begun);
        if (takes != null && exchange == begun) {
            upload = takes;
            if (!bodyComing) {
                takes.onEnd(null);
            }
        }
    }

    /// Refuses a request whose head could not be read.
    void refuse(Fault fault, String details, long startNanos) {
        Exchange refused = new Exchange(client, this, head, service.identity(), startNanos);
        exchange = refused;
        bodyComing = true;
        service.onRefused(refused);
        refuse(refused, fault, details);
    }

    private void refuse(Exchange refused, Fault fault, String details) {
        refused.fault(fault, details);
        closing = true;
        FaultResponses.send(refused, fault, details);
    }

    /// One step of the body. False when more bytes are needed.
    boolean readBody(ByteBuf in) {
        Exchange now = exchange;
        Upload takes = upload;
        assert now != null && takes != null;
        switch (bodyReader.read(in)) {
            case MORE -> {
                connection.await();
                return false;
            }
            case PIECE -> {
                ByteBuf piece = bodyReader.takePiece();
                now.received(piece.readableBytes());
                if (now.requestBytes() > now.bodyBytesMax()) {
                    piece.release();
                    abort(Fault.BODY_TOO_LARGE, "more than body-bytes");
                } else {
                    takes.onBody(piece);
                }
            }
            case END -> {
                bodyComing = false;
                connection.await();
                takes.onEnd(bodyReader.trailers());
            }
            case WRONG -> abort(Fault.REQUEST_MALFORMED, HeadError.CHUNK.text());
        }
        return true;
    }

    void onReadComplete() {
        if (upload != null) {
            upload.onReadComplete();
        }
    }

    @Override
    public void wantBody(boolean want) {
        boolean resumes = want && !bodyWanted;
        bodyWanted = want;
        if (!bodyComing) {
            return;
        }
        if (resumes) {
            connection.readOn();
        } else if (!want) {
            connection.await();
            channel.config().setAutoRead(false);
        }
    }

    /// Ends the exchange for what the client did, or did not do, with its body.
    void abort(Fault fault, String details) {
        Exchange now = exchange;
        Upload takes = upload;
        assert now != null && takes != null;
        now.fault(fault, details);
        takes.onAborted();
        upload = null;
        if (responding) {
            cut();
        } else {
            refuse(now, fault, details);
        }
    }

    // ---- the response ----

    @Override
    public void respond(ResponseHead response) {
        boolean version11 = reader.isVersion11();
        Exchange now = exchange;
        assert now != null && !responding;
        byte[] via = now.identity().viaLine();
        if (response.isInformational()) {
            if (version11) {
                ResponseWriter.head(response, false, ResponseWriter.Connection.UNSAID, via, scratch);
                outbox.put(scratch);
            }
            return;
        }
        ResponseFilter filter = now.filter();
        if (filter != null) {
            filter.change(now, response);
        }
        now.status(response.status());
        responding = true;
        boolean lengthUnknown = !response.isBodiless() && response.contentLength() == ResponseHead.UNKNOWN;
        untilClose = lengthUnknown && !version11;
        // With the request not yet whole, where the next one begins is anybody's guess.
        closing |= connection.isDraining() || untilClose || bodyComing;
        boolean chunked = lengthUnknown && version11;
        bodyWriter.begin(chunked);
        ResponseWriter.head(response, chunked, connection(version11), via, scratch);
        outbox.put(scratch);
    }

    private ResponseWriter.Connection connection(boolean version11) {
        if (closing) {
            return ResponseWriter.Connection.CLOSE;
        }
        return version11 ? ResponseWriter.Connection.UNSAID : ResponseWriter.Connection.KEEP_ALIVE;
    }

    @Override
    public void body(ByteBuf data) {
        Exchange now = exchange;
        assert now != null;
        int size = data.readableBytes();
        writtenBytes += size;
        now.sent(size);
        bodyWriter.piece(data);
    }

    @Override
    public void end(@Nullable Fields trailers) {
        bodyWriter.end(trailers);
        connection.onAnswered(ended(), closing);
    }

    @Override
    public void tunnel(ResponseHead head, TunnelSide endpoint, Runnable onOver) {
        Exchange now = exchange;
        byte[] protocol = this.head.upgrade();
        assert now != null && protocol != null;
        now.status(head.status());
        ResponseWriter.switching(head, protocol, now.identity().viaLine(), scratch);
        outbox.put(scratch);
        outbox.flush();
        exchange = null;
        upload = null;
        connection.tunnel(now, endpoint, onOver);
    }

    @Override
    public void cut() {
        outbox.flush();
        connection.close();
        ended();
    }

    @Override
    public void flush() {
        if (channel.isOpen()) {
            bodyWriter.settle();
            outbox.flush();
        }
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    /// The client takes bytes again.
    void onWritable() {
        if (upload != null) {
            upload.onWritable();
        }
    }

    // ---- the end ----

    /// The connection is about to be closed for this, if an exchange is on it.
    void fault(Fault fault, String details) {
        if (exchange != null) {
            exchange.fault(fault, details);
        }
    }

    /// The connection is closed.
    void onClosed() {
        outbox.release();
        Exchange left = exchange;
        if (left != null) {
            left.fault(Fault.DOWNSTREAM_GONE, "");
            if (upload != null) {
                upload.onAborted();
            }
            ended();
        }
    }

    /// When it was over, of [System#nanoTime].
    private long ended() {
        Exchange over = exchange;
        assert over != null;
        exchange = null;
        upload = null;
        responding = false;
        long now = System.nanoTime();
        service.ended(over, now);
        return now;
    }
}
