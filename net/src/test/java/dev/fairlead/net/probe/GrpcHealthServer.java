package dev.fairlead.net.probe;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2StreamFrame;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A gRPC server over HTTP/2 that answers every call by a script.
final class GrpcHealthServer implements AutoCloseable {
    /// An answer: the head's content type, the message in hex, and the trailers' `grpc-status`; null: left out. The
    /// last part ends the stream. With none at all the call is reset.
    record Answer(
            @Nullable String contentType,
            @Nullable String message,
            @Nullable String grpcStatus) {}

    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel server;
    volatile Answer answer = new Answer("application/grpc", "00000000020801", "0");
    volatile String status = "200";
    volatile @Nullable Http2Headers lastHead;
    volatile String lastMessage = "";

    private GrpcHealthServer(@Nullable SslContext tls) {
        server = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (tls != null) {
                            channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                        }
                        channel.pipeline()
                                .addLast(Http2FrameCodecBuilder.forServer().build());
                        channel.pipeline().addLast(new Http2MultiplexHandler(new ChannelInitializer<Channel>() {
                            @Override
                            protected void initChannel(Channel stream) {
                                stream.pipeline().addLast(new Call());
                            }
                        }));
                        channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                            @Override
                            public void exceptionCaught(ChannelHandlerContext context, Throwable refused) {
                                context.close();
                            }
                        });
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
    }

    static GrpcHealthServer plain() {
        return new GrpcHealthServer(null);
    }

    /// Over TLS; `protocol` is what it selects by ALPN.
    static GrpcHealthServer tls(Identity identity, String protocol) throws Exception {
        return new GrpcHealthServer(SslContextBuilder.forServer(identity.keys())
                .sslProvider(SslProvider.JDK)
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT,
                        protocol))
                .build());
    }

    int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }

    private final class Call extends SimpleChannelInboundHandler<Http2StreamFrame> {
        private final ByteBuf message = Unpooled.buffer();

        @Override
        protected void channelRead0(ChannelHandlerContext context, Http2StreamFrame frame) {
            if (frame instanceof Http2HeadersFrame head) {
                lastHead = head.headers();
            } else if (frame instanceof Http2DataFrame data) {
                message.writeBytes(data.content());
                if (data.isEndStream()) {
                    byte[] bytes = new byte[message.readableBytes()];
                    message.readBytes(bytes);
                    lastMessage = HexFormat.of().formatHex(bytes);
                    answer(context, answer);
                }
            }
        }

        private void answer(ChannelHandlerContext context, Answer answer) {
            if (answer.contentType == null) {
                context.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.REFUSED_STREAM));
                return;
            }
            Http2Headers head = new DefaultHttp2Headers().status(status).set("content-type", answer.contentType);
            if (answer.message == null && answer.grpcStatus != null) {
                head.set("grpc-status", answer.grpcStatus);
                context.writeAndFlush(new DefaultHttp2HeadersFrame(head, true));
                return;
            }
            context.write(new DefaultHttp2HeadersFrame(head, false));
            byte[] bytes = HexFormat.of().parseHex(answer.message == null ? "" : answer.message);
            // In pieces, so that nothing depends on how a message is cut.
            context.write(new DefaultHttp2DataFrame(Unpooled.copiedBuffer(bytes, 0, bytes.length / 2), false));
            context.write(new DefaultHttp2DataFrame(
                    Unpooled.copiedBuffer(bytes, bytes.length / 2, bytes.length - bytes.length / 2),
                    answer.grpcStatus == null));
            if (answer.grpcStatus != null) {
                Http2Headers trailers = new DefaultHttp2Headers().set("grpc-status", answer.grpcStatus);
                context.write(new DefaultHttp2HeadersFrame(trailers, true));
            }
            context.flush();
        }
    }
}
