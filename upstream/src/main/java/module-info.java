/// Which endpoint gets the next flow or exchange. Pure: no sockets, no clocks.
@org.jspecify.annotations.NullMarked
module dev.fairlead.upstream {
    requires static transitive org.jspecify;
    requires transitive dev.fairlead.config;
    requires transitive dev.fairlead.metrics;

    exports dev.fairlead.upstream;
    exports dev.fairlead.upstream.balance;
    exports dev.fairlead.upstream.health;
    exports dev.fairlead.upstream.sticky;
    exports dev.fairlead.upstream.limit;
}
