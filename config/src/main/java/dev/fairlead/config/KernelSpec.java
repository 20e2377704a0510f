package dev.fairlead.config;

import java.util.List;

/// What all listeners with the carrier `kernel` share.
public record KernelSpec(
        @Key(
                value =
                        "The network interfaces whose packets are looked at: where clients come in, and where answers of endpoints do. Absent: all Ethernet interfaces that are up when the first such listener starts; with the carrier `nft`, all.",
                form = Form.NAME,
                orOne = true,
                example = "[eth0, eth1]")
        List<String> interfaces,

        @Key(
                value =
                        "Flows that the table has room for, over all listeners; each takes some 400 bytes. When it is full the flow that was silent longest is forgotten. 0: as many as a five-hundredth of the machine's memory holds, at least 16384 and at most 1048576. With the carrier `nft` the table is Linux's conntrack: Fairlead does not start when that has less room; 0 asks for none.",
                absent = "0",
                min = "0",
                max = "16777216")
        int maxFlows,

        @Key(
                value =
                        "The directory where Linux keeps programs and tables when the process is gone, in a BPF file system; its name has no dot. One Fairlead at a time has it: another on the same host needs another directory.",
                absent = "/sys/fs/bpf/fairlead",
                form = Form.PINS)
        String pins,

        @Key(
                value =
                        "What becomes of the kernel's part when the process is told to end. `remove`: flows are waited for, and then nothing is left: nobody probes endpoints any more, so nothing should go on choosing them. `keep`: the process ends at once and Linux goes on, new flows included, until the next process takes over: for restarts and upgrades. After a crash Linux always goes on.",
                absent = "remove")
        OnExit onExit,

        @Key(
                value =
                        "Whether packets of flows that live are passed on before Linux makes anything of them. `xdp`: in the driver, which has to be able to do it, on the interfaces that packets leave by too; an interface that is not goes without, and the log says so. `xdp-generic`: behind any driver; it gains nothing and is for tests. Either wants `ethtool -K NAME lro off` and an MTU that fits one page, and leaves it to senders to finish checksums.",
                absent = "none")
        Acceleration acceleration,

        @Key(
                value =
                        "The table of nftables that listeners with the carrier `nft` are in, of the family `inet`. One Fairlead at a time has it: another on the same host needs another table.",
                absent = "fairlead",
                form = Form.TABLE_NAME)
        String table,

        @Key(
                value =
                        "The network interfaces on which neighbours are told that the addresses of these listeners are here, when a listener starts: by ARP, or a neighbour advertisement. For addresses that move from one machine to another. It does not answer who asks later: Linux does, when the address is also one of this host. Not with the carrier `nft`. Absent: none.",
                form = Form.NAME,
                orOne = true,
                example = "[eth0]")
        List<String> announce,

        @Key(
                value =
                        "How the program of `ebpf` is put on an interface. `tcx`: by links, from Linux 6.6 on. `clsact`: as a filter of traffic control, which every Linux has; beside other filters it has the priority 250. `auto`: by links where Linux has them.",
                absent = "auto")
        Attach attach,

        @Key(
                value =
                        "Who routes what the program of `ebpf` carries. `direct`: the program itself, by Linux's routing table; nothing else of this host sees the packets. `host`: Linux, as it routes anybody's packets: netfilter's rules, conntrack, policy routing and queues of the host see them, as packets between client and endpoint. Not together with `acceleration`. With the carrier `nft` it is always the host.",
                absent = "direct")
        Routing routing,

        @Key(
                value =
                        "How many reports of packets that are too long for their way the program of `ebpf` sends in a second, for each listener on each processor; as many at once after a second without. Packets beyond that are dropped all the same, and counted as `too-long-untold`. A sender needs one each time that a way becomes narrower; who does not listen gets one for each packet, each a small part of it. All clients of a listener share the limit, so the default is more than a link of 1 Gbit/s can ask for: less would let one who does not listen take the reports of those who do. Linux itself has none for them. Where the host routes, and with the carrier `nft`, it is Linux that reports.",
                absent = "100000",
                min = "1",
                max = "1000000")
        int tooLongReports) {
    /// Who routes the packets.
    public enum Routing {
        DIRECT,
        HOST
    }

    /// How a program is put on an interface.
    public enum Attach {
        AUTO,
        TCX,
        CLSACT
    }

    /// Where packets are passed on.
    public enum Acceleration {
        NONE,
        XDP,
        XDP_GENERIC
    }

    /// What becomes of the kernel's part at the end of the process.
    public enum OnExit {
        REMOVE,
        KEEP
    }

    /// Every key absent.
    public static final KernelSpec DEFAULT = new KernelSpec(
            List.of(),
            0,
            "/sys/fs/bpf/fairlead",
            OnExit.REMOVE,
            Acceleration.NONE,
            "fairlead",
            List.of(),
            Attach.AUTO,
            Routing.DIRECT,
            100_000);

    public KernelSpec {
        interfaces = List.copyOf(interfaces);
        announce = List.copyOf(announce);
    }
}
