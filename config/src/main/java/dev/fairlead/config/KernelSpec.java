package dev.fairlead.config;

import java.util.List;

/// What all listeners with the carrier `kernel` share.
public record KernelSpec(
        @Key(
                value =
                        "The network interfaces whose packets are looked at: where clients come in, and where answers of endpoints do. Absent: all Ethernet interfaces that are up when the first such listener starts.",
                form = Form.NAME,
                orOne = true,
                example = "[eth0, eth1]")
        List<String> interfaces,

        @Key(
                value =
                        "Flows that the table has room for, over all listeners; each takes some 400 bytes. When it is full the flow that was silent longest is forgotten. 0: as many as a five-hundredth of the machine's memory holds, at least 16384 and at most 1048576.",
                absent = "0",
                min = "0",
                max = "16777216")
        int maxFlows) {
    /// Every key absent.
    public static final KernelSpec DEFAULT = new KernelSpec(List.of(), 0);

    public KernelSpec {
        interfaces = List.copyOf(interfaces);
    }
}
