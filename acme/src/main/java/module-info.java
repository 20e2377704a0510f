/// Certificates from an ACME authority (RFC 8555): ordered, renewed, and kept in a folder that nodes may share.
@org.jspecify.annotations.NullMarked
module dev.fairlead.acme {
    requires static transitive org.jspecify;
    requires transitive dev.fairlead.config;
    requires transitive dev.fairlead.metrics;
    requires java.net.http;
    requires org.shredzone.acme4j;
    requires org.slf4j;

    exports dev.fairlead.acme;
}
