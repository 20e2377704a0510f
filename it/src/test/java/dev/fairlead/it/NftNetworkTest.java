package dev.fairlead.it;

/// What [KernelNetworkTest] says, of nftables.
class NftNetworkTest extends KernelNetworkTest {
    @Override
    String carrier() {
        return "nft";
    }
}
