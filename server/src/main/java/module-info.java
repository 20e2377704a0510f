/// The program: its commands, the one page that knows every room, reload and drain.
@org.jspecify.annotations.NullMarked
module dev.fairlead.server {
    requires static transitive org.jspecify;
    requires dev.fairlead.acme;
    requires dev.fairlead.admin;
    requires dev.fairlead.http;
    requires dev.fairlead.kernel;
    requires dev.fairlead.l4;
    requires dev.fairlead.sys;
    requires info.picocli;
    requires jdk.httpserver;
    requires jdk.unsupported;
    requires org.slf4j;
    requires ch.qos.logback.classic;
    requires ch.qos.logback.core;

    exports dev.fairlead.server;

    opens dev.fairlead.server.cli to
            info.picocli;

    provides ch.qos.logback.classic.spi.Configurator with
            dev.fairlead.server.LogSetup;
}
