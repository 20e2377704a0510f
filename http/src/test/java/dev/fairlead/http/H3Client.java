package dev.fairlead.http;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.http3.DefaultHttp3DataFrame;
import io.netty.handler.codec.http3.DefaultHttp3Headers;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3ClientConnectionHandler;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3Frame;
import io.netty.handler.codec.http3.Http3GoAwayFrame;
import io.netty.handler.codec.http3.Http3Headers;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.http3.Http3SettingsFrame;
import io.netty.handler.codec.http3.Http3UnknownFrame;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamResetException;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.KeyManagerFactory;

/// A client of HTTP/3, by Netty's codecs: one connection.
final class H3Client implements AutoCloseable {
    private final MultiThreadIoEventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel socket;
    private final QuicChannel connection;
    private final BlockingQueue<Long> goAways = new LinkedBlockingQueue<>();
    private volatile boolean offersTunnels;
    private final CompletableFuture<QuicConnectionCloseEvent> closed = new CompletableFuture<>();

    H3Client(InetSocketAddress to, String sni) throws Exception {
        this(to, sni, null, 1 << 20);
    }

    /// `window`: what a stream may send ahead; `keys` null: no certificate.
    H3Client(InetSocketAddress to, String sni, KeyManagerFactory keys, int window) throws Exception {
        QuicSslContext context = QuicSslContextBuilder.forClient()
                .trustManager(new Certified.Everybody())
                .endpointIdentificationAlgorithm("")
                .keyManager(keys, "password")
                .applicationProtocols(Http3.supportedApplicationProtocols())
                .build();
        ChannelHandler codec = new QuicClientCodecBuilder()
                .sslEngineProvider(channel -> context.newEngine(channel.alloc(), sni, to.getPort()))
                // As browsers do, which have a socket for each connection. With an id the codec would look for it in
                // stateless resets too, where there is none.
                .localConnectionIdLength(0)
                .maxIdleTimeout(60, TimeUnit.SECONDS)
                .initialMaxData(64 << 20)
                .initialMaxStreamDataBidirectionalLocal(window)
                .initialMaxStreamDataUnidirectional(1 << 20)
                .initialMaxStreamsUnidirectional(16)
                .build();
        Channel bound = new Bootstrap()
                .group(loop)
                .channel(NioDatagramChannel.class)
                .handler(codec)
                .bind(new InetSocketAddress(to.getAddress(), 0))
                .sync()
                .channel();
        socket = bound;
        try {
            connection = QuicChannel.newBootstrap(bound)
                    .handler(new Connection())
                    .streamHandler(new ChannelInboundHandlerAdapter())
                    .remoteAddress(to)
                    .connect()
                    .get(20, TimeUnit.SECONDS);
        } catch (Exception failed) {
            bound.close().await(5, TimeUnit.SECONDS);
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw failed;
        }
    }

    private final class Connection extends ChannelInboundHandlerAdapter {
        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            context.pipeline().addLast(new Http3ClientConnectionHandler(new Control(), null, null, null, true));
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof QuicConnectionCloseEvent over) {
                closed.complete(over);
            }
            context.fireUserEventTriggered(event);
        }
    }

    private final class Control extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object frame) {
            if (frame instanceof Http3GoAwayFrame goAway) {
                goAways.add(goAway.id());
            } else if (frame instanceof Http3SettingsFrame settings) {
                offersTunnels = Boolean.TRUE.equals(settings.settings().connectProtocolEnabled());
            }
            ReferenceCountUtil.release(frame);
        }
    }

    /// Whether the server has said that it does (RFC 9220 §3).
    boolean offersTunnels() {
        return offersTunnels;
    }

    QuicChannel channel() {
        return connection;
    }

    /// Where the client speaks of the connection.
    QuicStreamChannel control() {
        return Http3.getLocalControlStream(connection);
    }

    /// The certificate that the server has shown.
    X509Certificate shownCertificate() throws Exception {
        return (X509Certificate) connection.sslEngine().getSession().getPeerCertificates()[0];
    }

    /// Its subject.
    String shown() throws Exception {
        return shownCertificate().getSubjectX500Principal().getName();
    }

    /// Whether the server allows one more stream, or none ever again.
    boolean mayOpen() {
        return !connection.isActive() || connection.peerAllowedStreams(QuicStreamType.BIDIRECTIONAL) > 0;
    }

    long sentBytes() throws Exception {
        return connection.collectStats().get(20, TimeUnit.SECONDS).sentBytes();
    }

    /// The id of the next GOAWAY.
    long goAway() throws InterruptedException {
        Long id = goAways.poll(20, TimeUnit.SECONDS);
        if (id == null) {
            throw new AssertionError("no GOAWAY came");
        }
        return id;
    }

    /// With which code the server has ended the connection.
    int closed() throws Exception {
        return closed.get(40, TimeUnit.SECONDS).error();
    }

    Stream open() throws Exception {
        var stream = new Stream();
        stream.channel = Http3.newRequestStream(connection, stream).get(20, TimeUnit.SECONDS);
        return stream;
    }

    /// A stream that says what it is told, byte for byte.
    Stream raw() throws Exception {
        var stream = new Stream();
        stream.channel =
                connection.createStream(QuicStreamType.BIDIRECTIONAL, stream).get(20, TimeUnit.SECONDS);
        return stream;
    }

    Stream get(String path, String... fields) throws Exception {
        return open().head("GET", path, fields).end();
    }

    @Override
    public void close() throws Exception {
        connection.close().await(5, TimeUnit.SECONDS);
        socket.close().await(5, TimeUnit.SECONDS);
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(5, TimeUnit.SECONDS);
    }

    /// One request, and what came of it.
    static final class Stream extends ChannelInboundHandlerAdapter {
        private final List<Http3Headers> heads = new ArrayList<>();
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private final CompletableFuture<Void> end = new CompletableFuture<>();
        private final BlockingQueue<String> pieces = new LinkedBlockingQueue<>();
        private final AtomicInteger ignored = new AtomicInteger();
        private QuicStreamChannel channel;

        Stream head(String method, String path, String... fields) {
            return fields(head -> {
                head.method(method).scheme("https").authority("a.example").path(path);
                for (int i = 0; i < fields.length; i += 2) {
                    head.add(fields[i], fields[i + 1]);
                }
            });
        }

        /// Any fields at all.
        Stream fields(Consumer<Http3Headers> put) {
            var head = new DefaultHttp3Headers(false);
            put.accept(head);
            channel.writeAndFlush(new DefaultHttp3HeadersFrame(head));
            return this;
        }

        Stream data(String text) {
            return data(text.getBytes(StandardCharsets.UTF_8));
        }

        Stream data(byte[] bytes) {
            channel.writeAndFlush(new DefaultHttp3DataFrame(Unpooled.wrappedBuffer(bytes)));
            return this;
        }

        /// The same frame, many times at once.
        Stream frames(int times, Supplier<Http3Frame> frame) {
            for (int i = 0; i < times; i++) {
                channel.write(frame.get());
            }
            channel.flush();
            return this;
        }

        Stream bytes(ByteBuf bytes) {
            channel.writeAndFlush(bytes);
            return this;
        }

        /// What is sent after this waits for what was sent before.
        Stream end() {
            channel.writeAndFlush(new DefaultHttp3DataFrame(Unpooled.EMPTY_BUFFER))
                    .addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
            return this;
        }

        /// Ends without an empty frame.
        Stream bareEnd() {
            channel.eventLoop().execute(() -> channel.shutdownOutput());
            return this;
        }

        /// Takes the request back: RESET_STREAM and STOP_SENDING.
        Stream reset() {
            channel.shutdown(0x10c);
            return this;
        }

        /// Wants no answer any more: STOP_SENDING.
        Stream stop() {
            channel.shutdownInput(0x10c);
            return this;
        }

        Stream reading(boolean on) {
            channel.config().setAutoRead(on);
            return this;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object frame) {
            try {
                if (frame instanceof Http3HeadersFrame fields) {
                    heads.add(fields.headers());
                } else if (frame instanceof Http3DataFrame data) {
                    byte[] piece = new byte[data.content().readableBytes()];
                    data.content().readBytes(piece);
                    body.writeBytes(piece);
                    pieces.add(new String(piece, StandardCharsets.ISO_8859_1));
                } else if (frame instanceof Http3UnknownFrame) {
                    ignored.incrementAndGet();
                }
            } finally {
                ReferenceCountUtil.release(frame);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == ChannelInputShutdownReadComplete.INSTANCE) {
                end.complete(null);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            end.completeExceptionally(cause);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            end.completeExceptionally(new IllegalStateException("the stream is closed"));
        }

        /// Waits for the whole answer.
        Stream answer() throws Exception {
            end.get(40, TimeUnit.SECONDS);
            return this;
        }

        /// With which code the server has reset the stream.
        long broken() throws Exception {
            Throwable why = end.handle((_, thrown) -> thrown).get(40, TimeUnit.SECONDS);
            if (why instanceof QuicStreamResetException reset) {
                return reset.applicationProtocolCode();
            }
            throw new AssertionError("not reset: " + why, why);
        }

        String piece() throws InterruptedException {
            return pieces.poll(20, TimeUnit.SECONDS);
        }

        boolean isOver() {
            return end.isDone();
        }

        int status() {
            for (Http3Headers head : heads) {
                int status = Integer.parseInt(head.status().toString());
                if (status >= 200) {
                    return status;
                }
            }
            throw new AssertionError("no answer: " + heads);
        }

        /// Frames that mean nothing.
        int ignored() {
            return ignored.get();
        }

        int heads() {
            return heads.size();
        }

        /// Of the first head, the last, or whichever has it.
        String field(String name) {
            for (Http3Headers head : heads) {
                CharSequence value = head.get(name);
                if (value != null) {
                    return value.toString();
                }
            }
            return null;
        }

        String text() {
            return body.toString(StandardCharsets.UTF_8);
        }

        byte[] bytes() {
            return body.toByteArray();
        }

        int size() {
            return body.size();
        }
    }
}
