package dev.fairlead.it;

/// What [KernelScaleTest] says, of nftables.
class NftScaleTest extends KernelScaleTest {
    @Override
    String carrier() {
        return "nft";
    }
}
