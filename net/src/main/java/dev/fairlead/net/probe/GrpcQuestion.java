package dev.fairlead.net.probe;

import dev.fairlead.config.GrpcProbeSpec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrame;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Asks `grpc.health.v1.Health/Check`, over HTTP/2 with prior knowledge, or over TLS.
record GrpcQuestion(GrpcProbeSpec spec, @Nullable TlsClient tls, byte[] message) implements Question {
    static final int MESSAGE_BYTES_MAX = 1 << 10;
    private static final int HEAD_BYTES_MAX = 8 << 10;

    static GrpcQuestion of(GrpcProbeSpec spec) throws IOException {
        String service = spec.service() == null ? "" : spec.service();
        return new GrpcQuestion(
                spec,
                spec.tls() ? TlsClient.of(spec.trust(), spec.host(), "h2") : null,
                HealthMessages.request(service));
    }

    @Override
    public void ask(Channel channel, InetSocketAddress to, Finding finding) {
        if (tls == null) {
            open(channel, to, finding);
        } else {
            tls.handshake(channel, to, finding, () -> open(channel, to, finding));
        }
    }

    private void open(Channel channel, InetSocketAddress to, Finding finding) {
        Http2FrameCodecBuilder codec = Http2FrameCodecBuilder.forClient()
                .initialSettings(
                        Http2Settings.defaultSettings().pushEnabled(false).maxHeaderListSize(HEAD_BYTES_MAX));
        // Once there is a finding, the stream is not waited for.
        codec.gracefulShutdownTimeoutMillis(0);
        // A server opens no stream: it may not push.
        Question.add(channel, codec.build(), new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
        new Http2StreamChannelBootstrap(channel)
                .handler(new Answer(finding))
                .open()
                .addListener(opening -> {
                    if (opening.isSuccess()) {
                        call((Http2StreamChannel) opening.getNow(), to);
                    } else {
                        finding.bad(FaultReason.of(opening.cause()));
                    }
                });
    }

    private void call(Http2StreamChannel stream, InetSocketAddress to) {
        Http2Headers head = new DefaultHttp2Headers()
                .method("POST")
                .scheme(tls == null ? "http" : "https")
                .path("/grpc.health.v1.Health/Check")
                .authority(Question.host(spec.host(), to))
                .set("te", "trailers")
                .set("grpc-timeout", spec.pace().timeout().toMillis() + "m")
                .set("content-type", "application/grpc")
                .set("user-agent", "fairlead");
        stream.write(new DefaultHttp2HeadersFrame(head, false));
        stream.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(message), true));
    }

    /// Judges the response: good is one message that says SERVING, and then grpc-status 0.
    private static final class Answer extends SimpleChannelInboundHandler<Http2StreamFrame> {
        private final Finding finding;
        private final byte[] message = new byte[MESSAGE_BYTES_MAX];
        private int length;
        private boolean hasHead;

        Answer(Finding finding) {
            this.finding = finding;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, Http2StreamFrame frame) {
            if (frame instanceof Http2HeadersFrame head) {
                onHead(head.headers(), head.isEndStream());
            } else if (frame instanceof Http2DataFrame data) {
                onData(data.content(), data.isEndStream());
            }
        }

        private void onHead(Http2Headers head, boolean isEnd) {
            CharSequence status = head.status();
            if (!hasHead && status != null && status.length() == 3 && status.charAt(0) == '1' && !isEnd) {
                return;
            }
            if (!hasHead) {
                String fault = fault(head, status);
                if (fault != null) {
                    finding.bad(fault);
                    return;
                }
                hasHead = true;
            }
            if (isEnd) {
                onEnd(head.get("grpc-status"));
            }
        }

        private static @Nullable String fault(Http2Headers head, @Nullable CharSequence status) {
            if (status == null || !status.toString().equals("200")) {
                return "status " + status;
            }
            CharSequence type = head.get("content-type");
            return type == null || !type.toString().startsWith("application/grpc") ? "the answer is not gRPC" : null;
        }

        private void onData(ByteBuf data, boolean isEnd) {
            int count = data.readableBytes();
            if (!hasHead || count > message.length - length) {
                finding.bad("the answer is no health status");
                return;
            }
            data.readBytes(message, length, count);
            length += count;
            if (isEnd) {
                onEnd(null);
            }
        }

        private void onEnd(@Nullable CharSequence grpcStatus) {
            String code = grpcStatus == null ? "missing" : grpcStatus.toString();
            if (!code.equals("0")) {
                finding.bad(
                        switch (code) {
                            case "5" -> "the service is not known there (grpc-status 5)";
                            case "12" -> "there is no health service (grpc-status 12)";
                            default -> "grpc-status " + (code.length() > 2 && grpcStatus != null ? "unreadable" : code);
                        });
                return;
            }
            int status = HealthMessages.status(Arrays.copyOf(message, length));
            switch (status) {
                case HealthMessages.SERVING -> finding.good("SERVING");
                case HealthMessages.INVALID -> finding.bad("the answer is no health status");
                case 0 -> finding.bad("UNKNOWN");
                case 2 -> finding.bad("NOT_SERVING");
                case 3 -> finding.bad("SERVICE_UNKNOWN");
                default -> finding.bad("health status " + status);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof Http2ResetFrame reset) {
                finding.bad("the call was reset, HTTP/2 error " + reset.errorCode());
            }
            context.fireUserEventTriggered(event);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            finding.bad("closed without an answer");
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            finding.bad(FaultReason.of(cause));
        }
    }
}
