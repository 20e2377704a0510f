package dev.fairlead.it;

/// What [KernelLoadTest] says, of nftables.
class NftLoadTest extends KernelLoadTest {
    @Override
    String carrier() {
        return "nft";
    }
}
