package dev.fairlead.it;

/// What [KernelKeptPortTest] says, of nftables. Needs root.
class NftKeptPortTest extends KernelKeptPortTest {
    @Override
    String carrier() {
        return "nft";
    }
}
