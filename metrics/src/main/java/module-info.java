/// What happened, in numbers.
@org.jspecify.annotations.NullMarked
module dev.fairlead.metrics {
    requires static transitive org.jspecify;

    exports dev.fairlead.metrics;
}
