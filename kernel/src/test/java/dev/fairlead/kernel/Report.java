package dev.fairlead.kernel;

import dev.fairlead.config.KernelSpec;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// An error of ICMP in an Ethernet frame: who reports it to whom, and the addresses of the packet inside.
record Report(InetAddress source, InetAddress destination, String inside) {
    /// So many of what is too long the program sends in a second.
    static final int LIMIT = KernelSpec.DEFAULT.tooLongReports();

    /// "Fragmentation needed" or "packet too big" about a frame, to who sent it; `router` reports it, or, when that is
    /// null, who should have got it.
    static byte[] about(byte[] frame, InetAddress router) {
        Family family = family(frame);
        int header = family.transport() - Family.ETHERNET;
        byte[] start = Arrays.copyOfRange(frame, Family.ETHERNET, family.transport() + 8);
        ByteBuffer out = ByteBuffer.allocate(family.transport() + 8 + start.length);
        out.put(0, new byte[] {0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2});
        out.putShort(12, (short) family.etherType());
        int length = 8 + start.length;
        if (family == Family.IPV4) {
            out.put(14, (byte) 0x45).putShort(16, (short) (20 + length));
        } else {
            out.putInt(14, 6 << 28).putShort(18, (short) length);
        }
        out.put(family.protocol(), (byte) family.icmp()).put(family.hops(), (byte) 64);
        int address = family.addressBytes();
        byte[] from = router == null
                ? Arrays.copyOfRange(frame, family.destination(), family.destination() + address)
                : router.getAddress();
        out.put(family.source(), from);
        out.put(family.destination(), frame, family.source(), address);
        int at = family.transport();
        out.put(at, (byte) (family == Family.IPV4 ? 3 : 2)).put(at + 1, (byte) (family == Family.IPV4 ? 4 : 0));
        out.putInt(at + 4, 1280);
        out.put(at + 8, start);
        if (family == Family.IPV4) {
            out.putShort(24, (short) Frame.sum(out, 14, 14 + header, 0));
        }
        out.putShort(at + 2, (short) Frame.sum(out, at, out.capacity(), pseudo(out, family, length)));
        return out.array();
    }

    /// RFC 4443 §2.3; in IPv4 there is none.
    private static int pseudo(ByteBuffer of, Family family, int length) {
        if (family == Family.IPV4) {
            return 0;
        }
        int sum = family.icmp() + length;
        for (int i = 0; i < 2 * family.addressBytes(); i += 2) {
            sum += of.getShort(family.source() + i) & 0xffff;
        }
        return sum;
    }

    private static Family family(byte[] frame) {
        return frame[12] == 0x08 ? Family.IPV4 : Family.IPV6;
    }

    /// Reads one, whose sums must be right.
    static Report read(byte[] frame) {
        Family family = family(frame);
        ByteBuffer in = ByteBuffer.wrap(frame);
        int at = family.transport();
        int inside = at + 8 - Family.ETHERNET;
        if (family == Family.IPV4 && (Frame.sum(in, 14, 34, 0) != 0 || Frame.sum(in, at + 8, at + 28, 0) != 0)) {
            throw new AssertionError("a wrong sum of a header");
        }
        if (Frame.sum(in, at, frame.length, pseudo(in, family, frame.length - at)) != 0) {
            throw new AssertionError("a wrong sum of the report");
        }
        return new Report(
                ip(in, family.source(), family),
                ip(in, family.destination(), family),
                ip(in, family.source() + inside, family).getHostAddress() + ":"
                        + (in.getShort(family.transport() + inside) & 0xffff) + " > "
                        + ip(in, family.destination() + inside, family).getHostAddress() + ":"
                        + (in.getShort(family.transport() + inside + 2) & 0xffff));
    }

    private static InetAddress ip(ByteBuffer in, int at, Family family) {
        byte[] address = new byte[family.addressBytes()];
        in.get(at, address);
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
