package dev.fairlead.http.codec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// What Netty's codec makes of the same bytes.
final class Oracle {
    private static final Set<String> HOP_BY_HOP =
            Set.of("connection", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade");
    private static final Set<String> KEPT = Set.of(
            "host",
            "content-length",
            "content-type",
            "authorization",
            "cookie",
            "forwarded",
            "via",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-proto");

    private Oracle() {}

    /// A message as Netty has it; `wrong` is its complaint, or null.
    record Message(String start, List<String> fields, String body, List<String> trailers, String wrong) {
        /// Without what is about one connection, worked out anew.
        List<String> endToEnd() {
            Set<String> gone = new HashSet<>(HOP_BY_HOP);
            for (String field : fields) {
                if (name(field).equals("connection")) {
                    for (String named : field.substring(field.indexOf(':') + 1).split(",")) {
                        String lower = named.strip().toLowerCase(Locale.ROOT);
                        if (!KEPT.contains(lower)) {
                            gone.add(lower);
                        }
                    }
                }
            }
            return fields.stream().filter(field -> !gone.contains(name(field))).toList();
        }

        static String name(String field) {
            return field.substring(0, field.indexOf(':')).toLowerCase(Locale.ROOT);
        }
    }

    private static HttpDecoderConfig config() {
        return new HttpDecoderConfig().setMaxInitialLineLength(1 << 16).setMaxHeaderSize(1 << 17);
    }

    static List<Message> requests(String... parts) {
        return read(new EmbeddedChannel(new HttpRequestDecoder(config())), parts);
    }

    static List<Message> responses(boolean toHead, String... parts) {
        return read(
                new EmbeddedChannel(new HttpResponseDecoder(config()) {
                    @Override
                    protected boolean isContentAlwaysEmpty(HttpMessage message) {
                        return toHead || super.isContentAlwaysEmpty(message);
                    }
                }),
                parts);
    }

    private static List<Message> read(EmbeddedChannel channel, String... parts) {
        for (String part : parts) {
            channel.writeInbound(Unpooled.wrappedBuffer(part.getBytes(ISO_8859_1)));
        }
        channel.finish();
        List<Message> all = new ArrayList<>();
        Message now = null;
        for (HttpObject object = channel.readInbound(); object != null; object = channel.readInbound()) {
            if (!object.decoderResult().isSuccess()) {
                ReferenceCountUtil.release(object);
                all.add(new Message(
                        "", List.of(), "", List.of(), object.decoderResult().toString()));
                now = null;
                continue;
            }
            if (object instanceof HttpMessage head) {
                now = new Message(start(head), list(head.headers()), "", List.of(), "unfinished");
            }
            if (object instanceof HttpContent content && now != null) {
                String body = now.body + content.content().toString(ISO_8859_1);
                now = new Message(now.start, now.fields, body, List.of(), "unfinished");
                if (object instanceof LastHttpContent last) {
                    all.add(new Message(now.start, now.fields, body, list(last.trailingHeaders()), null));
                    now = null;
                }
            }
            ReferenceCountUtil.release(object);
        }
        if (now != null) {
            all.add(now);
        }
        channel.releaseInbound();
        return all;
    }

    private static String start(HttpMessage head) {
        return switch (head) {
            case HttpRequest request -> request.method() + " " + request.uri() + " " + request.protocolVersion();
            case HttpResponse response -> Integer.toString(response.status().code());
            default -> throw new AssertionError(head);
        };
    }

    private static List<String> list(HttpHeaders headers) {
        List<String> all = new ArrayList<>();
        for (Map.Entry<String, String> header : headers) {
            all.add(header.getKey() + ": " + header.getValue());
        }
        return all;
    }
}
