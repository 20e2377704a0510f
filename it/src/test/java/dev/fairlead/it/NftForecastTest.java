package dev.fairlead.it;

/// What [KernelForecastTest] says, of nftables.
class NftForecastTest extends KernelForecastTest {
    @Override
    String carrier() {
        return "nft";
    }
}
