/// What an operator sees and does while the process runs. It answers even when the loops do not.
@org.jspecify.annotations.NullMarked
module dev.fairlead.admin {
    requires static transitive org.jspecify;
    requires transitive dev.fairlead.upstream;
    requires jdk.httpserver;
    requires org.slf4j;
    requires tools.jackson.core;

    exports dev.fairlead.admin;
}
