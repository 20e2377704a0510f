/// Layer 4 in the kernel: NAT done by Linux, steered from here.
@org.jspecify.annotations.NullMarked
module dev.fairlead.kernel {
    requires static transitive org.jspecify;
    requires transitive dev.fairlead.upstream;
    requires dev.fairlead.sys;
    requires org.slf4j;

    exports dev.fairlead.kernel;
    exports dev.fairlead.kernel.nft;
}
