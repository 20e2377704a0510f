package dev.fairlead.http.codec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.fairlead.config.HttpLimits;
import dev.fairlead.http.exchange.Identity;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.Method;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.http.message.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/// What our readers make of a message that arrives in pieces: two are equal when nobody could tell them apart.
///
/// `end` is where the message ends in what arrived; -1 when that is not known. `outcome` is `whole`, `unfinished`,
/// or what is wrong. `forwarded` is the head as it is passed on.
record Reading(
        String outcome,
        String start,
        String authority,
        boolean persistent,
        List<String> fields,
        String forwarded,
        String body,
        List<String> trailers,
        int end) {
    static final HttpLimits LIMITS = new HttpLimits(8 << 10, 32 << 10, 128, 0);

    static final Upgrades UPGRADES = new Upgrades(List.of("websocket"));

    static final String WHOLE = "whole";
    static final String UNFINISHED = "unfinished";

    boolean isWhole() {
        return outcome.equals(WHOLE);
    }

    /// Wrong, and not only cut off.
    boolean isRefused() {
        return !isWhole() && !outcome.equals(UNFINISHED);
    }

    /// The second in which we answer is no part of what is read.
    private static String ofAnyDate(String head) {
        return head.replaceFirst("(?m)^Date: [^\r\n]* GMT\r\n", "");
    }

    static Reading request(byte[] bytes, int... cuts) {
        return request(LIMITS, bytes, cuts);
    }

    static Reading request(HttpLimits limits, byte[] bytes, int... cuts) {
        var head = new RequestHead();
        var reader = new RequestReader(head, limits, UPGRADES);
        reader.reset();
        var source = new Source(bytes, cuts);
        if (!source.head(reader)) {
            return failed(UNFINISHED);
        }
        HeadError wrong = reader.error() != null ? reader.error() : reader.finish();
        if (wrong != null) {
            return failed(wrong.name());
        }
        var body = new BodyReader(LIMITS.underscores());
        if (reader.isChunked()) {
            body.chunked();
        } else {
            body.length(head.contentLength());
        }
        var out = new Bytes(64);
        RequestWriter.head(head, "endpoint:80", out);
        String outcome = source.body(body);
        return new Reading(
                outcome,
                head.methodText() + " " + head.targetText()
                        + head.version().label().replace("HTTP/", " "),
                head.authorityText(),
                reader.isPersistent(),
                fields(head.fields()),
                out.toString(),
                source.bodyText(),
                fields(body.trailers()),
                outcome.equals(WHOLE) ? source.consumed() : -1);
    }

    static Reading response(Method asked, byte[] bytes, int... cuts) {
        var head = new ResponseHead();
        var reader = new ResponseReader(head);
        reader.reset();
        var source = new Source(bytes, cuts);
        if (!source.head(reader)) {
            return failed(UNFINISHED);
        }
        HeadError wrong = reader.error() != null ? reader.error() : reader.finish(asked);
        if (wrong != null) {
            return failed(wrong.name());
        }
        var body = new BodyReader(LIMITS.underscores());
        if (reader.isChunked()) {
            body.chunked();
        } else if (reader.isUntilClose()) {
            body.untilClose();
        } else {
            body.length(head.contentLength());
        }
        String outcome = source.body(body);
        if (reader.isUntilClose()) {
            outcome = WHOLE;
        }
        var out = new Bytes(64);
        ResponseWriter.head(
                head,
                !head.isBodiless() && head.contentLength() == ResponseHead.UNKNOWN,
                ResponseWriter.Connection.UNSAID,
                new Identity("fairlead").viaLine(),
                out);
        return new Reading(
                outcome,
                head.status() + (head.isBodiless() ? " bodiless" : reader.isUntilClose() ? " until close" : ""),
                "",
                reader.isPersistent(),
                fields(head.fields()),
                ofAnyDate(out.toString()),
                source.bodyText(),
                fields(body.trailers()),
                outcome.equals(WHOLE) ? source.consumed() : -1);
    }

    /// A body alone; `length` -1: chunked.
    static Reading body(long length, byte[] bytes, int... cuts) {
        var body = new BodyReader(LIMITS.underscores());
        if (length < 0) {
            body.chunked();
        } else {
            body.length(length);
        }
        var source = new Source(bytes, cuts);
        String outcome = source.body(body);
        int end = outcome.equals(WHOLE) ? source.consumed() : -1;
        return new Reading(outcome, "", "", true, List.of(), "", source.bodyText(), fields(body.trailers()), end);
    }

    /// `name: value` of each field that is there.
    static List<String> fields(Fields fields) {
        List<String> all = new ArrayList<>();
        for (int i = 0; fields != null && i < fields.count(); i++) {
            if (fields.isThere(i)) {
                all.add(fields.nameText(i) + ": " + fields.valueText(i));
            }
        }
        return all;
    }

    private static Reading failed(String outcome) {
        return new Reading(outcome, "", "", false, List.of(), "", "", List.of(), -1);
    }

    /// Bytes that arrive in the pieces that the cuts make; what a reader leaves is there again with the next.
    private static final class Source {
        private final byte[] bytes;
        private final int[] cuts;
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private int next;
        private int arrived;
        private int consumed;

        Source(byte[] bytes, int[] cuts) {
            this.bytes = bytes;
            this.cuts = cuts;
            this.arrived = cuts.length > 0 ? cuts[next++] : bytes.length;
        }

        int consumed() {
            return consumed;
        }

        String bodyText() {
            return body.toString(ISO_8859_1);
        }

        boolean head(HeadReader reader) {
            while (true) {
                ByteBuf in = Unpooled.wrappedBuffer(bytes, consumed, arrived - consumed);
                boolean done = reader.read(in);
                consumed += in.readerIndex();
                if (done) {
                    return true;
                }
                if (!arrive()) {
                    return false;
                }
            }
        }

        String body(BodyReader reader) {
            while (true) {
                ByteBuf in = Unpooled.wrappedBuffer(bytes, consumed, arrived - consumed);
                BodyReader.Found found = reader.read(in);
                consumed += in.readerIndex();
                switch (found) {
                    case PIECE -> {
                        ByteBuf piece = reader.takePiece();
                        body.writeBytes(ByteBufUtil.getBytes(piece));
                        piece.release();
                    }
                    case END -> {
                        return WHOLE;
                    }
                    case WRONG -> {
                        return HeadError.CHUNK.name();
                    }
                    case MORE -> {
                        if (!arrive()) {
                            return UNFINISHED;
                        }
                    }
                }
                in.release();
            }
        }

        private boolean arrive() {
            if (arrived == bytes.length) {
                return false;
            }
            arrived = next < cuts.length ? cuts[next++] : bytes.length;
            return true;
        }
    }
}
