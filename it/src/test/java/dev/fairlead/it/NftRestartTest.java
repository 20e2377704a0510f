package dev.fairlead.it;

/// What [KernelRestartTest] says, of nftables.
class NftRestartTest extends KernelRestartTest {
    @Override
    String carrier() {
        return "nft";
    }

    @Override
    String place() {
        return lab.table();
    }

    @Override
    String removed() {
        return "removed the table " + lab.table() + ": 1 flows";
    }
}
