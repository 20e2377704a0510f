package dev.fairlead.it;

/// What [KernelNetworkTest] says, of nftables.
class NftNetworkTest extends KernelNetworkTest {
    @Override
    String carrier() {
        return "nft";
    }

    /// They stand in conntrack beside the others: its room is the whole host's, and no test fills that.
    @Override
    void awaitMostOf(int syns) {
        await(() -> fairlead.metric("fairlead_kernel_flows") > syns / 2);
    }
}
