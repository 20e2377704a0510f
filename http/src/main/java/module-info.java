/// Layer 7: requests understood, routed and forwarded.
@org.jspecify.annotations.NullMarked
module dev.fairlead.http {
    requires static transitive org.jspecify;
    requires transitive dev.fairlead.net;
    requires dev.fairlead.l4;
    requires dev.fairlead.sys;
    requires io.netty.codec;
    requires io.netty.codec.http2;
    requires io.netty.codec.http3;
    requires org.slf4j;
    requires re2j;
    requires com.github.benmanes.caffeine;
    requires com.aayushatharva.brotli4j;
    requires com.github.luben.zstd_jni;

    exports dev.fairlead.http;
    exports dev.fairlead.http.cache;
    exports dev.fairlead.http.explain;
}
