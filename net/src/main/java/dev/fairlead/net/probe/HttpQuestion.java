package dev.fairlead.net.probe;

import dev.fairlead.config.HttpProbeSpec;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Asks for an HTTP/1.1 response, over TLS if so told.
record HttpQuestion(HttpProbeSpec spec, @Nullable TlsClient tls) implements Question {
    static final int LINE_BYTES_MAX = 4 << 10;
    static final int HEAD_BYTES_MAX = 8 << 10;
    static final int BODY_BYTES_MAX = 64 << 10;

    /// RFC 9110 §8.6: whose requests say that they have no content.
    private static final Set<String> WITH_LENGTH = Set.of("POST", "PUT", "PATCH");

    static HttpQuestion of(HttpProbeSpec spec) throws IOException {
        return new HttpQuestion(spec, spec.tls() ? TlsClient.of(spec.trust(), spec.host(), "http/1.1") : null);
    }

    @Override
    public void ask(Channel channel, InetSocketAddress to, Finding finding) {
        if (tls == null) {
            request(channel, to, finding);
        } else {
            tls.handshake(channel, to, finding, () -> request(channel, to, finding));
        }
    }

    private void request(Channel channel, InetSocketAddress to, Finding finding) {
        HttpDecoderConfig limits =
                new HttpDecoderConfig().setMaxInitialLineLength(LINE_BYTES_MAX).setMaxHeaderSize(HEAD_BYTES_MAX);
        Question.add(channel, new HttpClientCodec(limits, false, false), new Answer(spec, finding));
        channel.writeAndFlush(request(Question.host(spec.host(), to)));
    }

    private FullHttpRequest request(String host) {
        FullHttpRequest request = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1, HttpMethod.valueOf(spec.method()), spec.path(), Unpooled.EMPTY_BUFFER);
        request.headers()
                .set("Host", host)
                .set("User-Agent", "fairlead")
                .set("Accept", "*/*")
                .set("Connection", "close");
        if (WITH_LENGTH.contains(spec.method())) {
            request.headers().set("Content-Length", "0");
        }
        return request;
    }

    /// Judges the response as it comes, and reads no further than it must.
    private static final class Answer extends SimpleChannelInboundHandler<HttpObject> {
        private final HttpProbeSpec spec;
        private final Finding finding;
        private final @Nullable TextSearch search;
        private int status;
        private int bodyBytes;

        Answer(HttpProbeSpec spec, Finding finding) {
            this.spec = spec;
            this.finding = finding;
            this.search = spec.body() == null ? null : new TextSearch(spec.body());
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
            if (part.decoderResult().isFailure()) {
                finding.bad("the answer is not HTTP/1, or its head is too long");
                return;
            }
            if (part instanceof HttpResponse response) {
                onHead(response.status().code());
            }
            if (part instanceof HttpContent content && search != null && !isInterim()) {
                onBody(content, search);
            }
        }

        private void onHead(int found) {
            status = found;
            if (found < 100 || found > 599) {
                finding.bad("the answer is not HTTP/1");
            } else if (!isInterim() && (search == null || !spec.expects(found))) {
                finding.found(new ProbeResult(spec.expects(found), "status " + found));
            }
        }

        /// RFC 9110 §15.2: any number of interim responses may come before the final one. 101 is final: nobody
        /// asked for another protocol.
        private boolean isInterim() {
            return status >= 100 && status <= 199 && status != 101;
        }

        private void onBody(HttpContent content, TextSearch search) {
            int count = Math.min(content.content().readableBytes(), BODY_BYTES_MAX - bodyBytes);
            bodyBytes += count;
            if (search.peek(content.content(), count)) {
                finding.good("status " + status + ", with the text");
            } else if (content instanceof LastHttpContent || bodyBytes == BODY_BYTES_MAX) {
                finding.bad("status " + status + ", but the body does not have the text");
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            finding.bad(status == 0 ? "closed without an answer" : "status " + status + ", but the answer broke off");
        }
    }
}
