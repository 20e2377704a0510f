/// Layer 4 on sockets: connections relayed byte by byte, datagrams one by one.
@org.jspecify.annotations.NullMarked
@SuppressWarnings("module") // A name that ends in a digit may be taken for a version; here it is the layer's number.
module dev.fairlead.l4 {
    requires static transitive org.jspecify;
    requires transitive dev.fairlead.net;
    requires dev.fairlead.sys;
    requires org.slf4j;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.unix.common;

    exports dev.fairlead.l4;
    exports dev.fairlead.l4.udp;
}
