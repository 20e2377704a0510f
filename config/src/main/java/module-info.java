/// What the operator asked for: immutable records, and the way from a YAML text to them.
@org.jspecify.annotations.NullMarked
module dev.fairlead.config {
    requires static transitive org.jspecify;
    requires org.snakeyaml.engine;
    requires re2j;
    requires tools.jackson.core;

    exports dev.fairlead.config;
    exports dev.fairlead.config.pem;
}
