/// The only native calls of the house, each a typed Java method with errno as a value. Nobody else uses
/// `java.lang.foreign`.
@org.jspecify.annotations.NullMarked
module dev.fairlead.sys {
    requires static transitive org.jspecify;

    exports dev.fairlead.sys;
}
