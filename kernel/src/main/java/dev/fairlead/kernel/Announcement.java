package dev.fairlead.kernel;

import dev.fairlead.kernel.Interfaces.Interface;
import dev.fairlead.kernel.bpf.Code;
import dev.fairlead.kernel.bpf.Helper;
import dev.fairlead.kernel.bpf.Hook;
import dev.fairlead.kernel.bpf.LoadedProgram;
import dev.fairlead.kernel.bpf.Value;
import dev.fairlead.kernel.bpf.Verdict;
import dev.fairlead.sys.Errno;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Map;

/// Tells the neighbours on an interface that an address is here: by ARP (RFC 5227 §3) for IPv4, by an unsolicited
/// neighbour advertisement (RFC 4861 §7.2.6) for IPv6. It is sent by a program of three instructions that is run once
/// on the frame: so no other capability is needed than the two that all of this needs.
final class Announcement {
    private static final int ARP = 0x0806;
    private static final int IPV6 = 0x86dd;
    private static final int ETHERNET_BYTES = 14;
    private static final int FRAME_BYTES_LEAST = 60;
    private static final int ICMPV6 = 58;
    private static final int ADVERTISEMENT = 136;

    /// Whoever knew another hardware address forgets it.
    private static final int OVERRIDE = 0x20000000;

    private static final int ADVERTISEMENT_BYTES = 32;
    private static final int HOPS = 255;

    private Announcement() {}

    static void send(InetAddress address, Interface on) throws IOException {
        byte[] frame = Family.of(address) == Family.IPV4 ? arp(address, on.mac()) : advertisement(address, on.mac());
        var program = Code.write("fairlead_tell", Hook.STACK, code -> {
            code.call(Helper.CLONE_REDIRECT, code.context().address(), Value.of(on.index()), Value.of(0));
            code.leave(Verdict.DROP);
        });
        try (LoadedProgram loaded = LoadedProgram.load(program, Map.of())) {
            int result = loaded.test(frame, 1).result();
            if (result < 0) {
                throw new IOException("Linux sent nothing on " + on.name() + ": " + Errno.text(result));
            }
        }
    }

    /// A request for an address by who has it.
    static byte[] arp(InetAddress address, long mac) {
        ByteBuffer frame = ByteBuffer.allocate(FRAME_BYTES_LEAST);
        mac(frame, 0xffff_ffff_ffffL);
        mac(frame, mac);
        frame.putShort((short) ARP);
        // Ethernet and IPv4, with addresses of 6 and 4 bytes; a request (RFC 826).
        frame.putShort((short) 1)
                .putShort((short) 0x0800)
                .put((byte) 6)
                .put((byte) 4)
                .putShort((short) 1);
        mac(frame, mac);
        frame.put(address.getAddress());
        mac(frame, 0);
        frame.put(address.getAddress());
        return frame.array();
    }

    /// To all nodes of the link.
    static byte[] advertisement(InetAddress address, long mac) {
        byte[] ip = address.getAddress();
        ByteBuffer frame = ByteBuffer.allocate(ETHERNET_BYTES + 40 + ADVERTISEMENT_BYTES);
        mac(frame, 0x3333_0000_0001L);
        mac(frame, mac);
        frame.putShort((short) IPV6);
        frame.putInt(6 << 28)
                .putShort((short) ADVERTISEMENT_BYTES)
                .put((byte) ICMPV6)
                .put((byte) HOPS);
        frame.put(ip);
        frame.putLong(0xff02L << 48).putLong(1);
        int message = frame.position();
        frame.put((byte) ADVERTISEMENT).put((byte) 0).putShort((short) 0).putInt(OVERRIDE);
        frame.put(ip);
        // The option that holds the hardware address, in units of 8 bytes.
        frame.put((byte) 2).put((byte) 1);
        mac(frame, mac);
        frame.putShort(message + 2, (short) sum(frame, message));
        return frame.array();
    }

    private static void mac(ByteBuffer frame, long mac) {
        frame.putShort((short) (mac >>> 32)).putInt((int) mac);
    }

    /// RFC 4443 §2.3: with the pseudo header of RFC 8200 §8.1.
    private static int sum(ByteBuffer frame, int message) {
        int sum = ADVERTISEMENT_BYTES + ICMPV6;
        for (int at = message - 32; at < frame.capacity(); at += 2) {
            sum += frame.getShort(at) & 0xffff;
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        sum = (sum & 0xffff) + (sum >>> 16);
        return ~sum & 0xffff;
    }
}
