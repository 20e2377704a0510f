/// Layer 4 on sockets: flows relayed byte by byte, never looked at.
@org.jspecify.annotations.NullMarked
module dev.fairlead.l4 {
    requires static transitive org.jspecify;
    requires transitive dev.fairlead.net;
    requires dev.fairlead.sys;
    requires org.slf4j;

    exports dev.fairlead.l4;
}
