/// Connections: event loops, accepting, connecting, deadlines, probes, discovery.
@org.jspecify.annotations.NullMarked
module dev.fairlead.net {
    requires static transitive org.jspecify;
    requires transitive dev.fairlead.upstream;
    requires dev.fairlead.sys;
    requires java.net.http;
    requires org.slf4j;
    requires transitive io.netty.common;
    requires transitive io.netty.buffer;
    requires transitive io.netty.transport;
    requires io.netty.handler;
    requires io.netty.codec;
    requires io.netty.codec.http;
    requires io.netty.codec.http2;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.unix.common;
    requires io.netty.resolver.dns;
    requires io.netty.codec.dns;
    requires transitive io.netty.codec.classes.quic;
    requires io.netty.tcnative.classes.openssl;

    exports dev.fairlead.net;
    exports dev.fairlead.net.probe;
    exports dev.fairlead.net.proxyprotocol;
    exports dev.fairlead.net.quic;
    exports dev.fairlead.net.resolve;
    exports dev.fairlead.net.tls;
}
