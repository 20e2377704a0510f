package dev.fairlead.kernel;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// A packet of TCP or UDP in an Ethernet frame, with right sums; and one that was read.
record Frame(
        InetSocketAddress source,
        InetSocketAddress destination,
        Transport transport,
        int control,
        int hops,
        byte[] content) {
    static Frame tcp(String source, String destination, int control) {
        return new Frame(address(source), address(destination), Transport.TCP, control, 64, "hello".getBytes());
    }

    static Frame udp(String source, String destination) {
        return new Frame(address(source), address(destination), Transport.UDP, 0, 64, "hello".getBytes());
    }

    static InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        String host = text.substring(0, colon).replace("[", "").replace("]", "");
        return new InetSocketAddress(InetAddress.ofLiteral(host), Integer.parseInt(text.substring(colon + 1)));
    }

    Frame withHops(int wanted) {
        return new Frame(source, destination, transport, control, wanted, content);
    }

    byte[] bytes() {
        Family family = Family.of(source.getAddress());
        int at = family.transport();
        ByteBuffer out = ByteBuffer.allocate(at + transport.bytes() + content.length);
        // To the address of the loopback interface, where test runs come in.
        out.put(0, new byte[] {0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2});
        out.putShort(12, (short) family.etherType());
        int length = transport.bytes() + content.length;
        if (family == Family.IPV4) {
            out.put(14, (byte) 0x45).putShort(16, (short) (20 + length));
        } else {
            out.putInt(14, 6 << 28).putShort(18, (short) length);
        }
        out.put(family.protocol(), (byte) transport.number());
        out.put(family.hops(), (byte) hops);
        out.put(family.source(), source.getAddress().getAddress());
        out.put(family.destination(), destination.getAddress().getAddress());
        out.putShort(at, (short) source.getPort()).putShort(at + 2, (short) destination.getPort());
        if (transport == Transport.TCP) {
            out.put(at + 12, (byte) 0x50).put(at + 13, (byte) control);
        } else {
            out.putShort(at + 4, (short) length);
        }
        out.put(at + transport.bytes(), content);
        if (family == Family.IPV4) {
            out.putShort(24, (short) sum(out, 14, 34, 0));
        }
        int pseudo = transport.number() + length;
        for (int i = 0; i < 2 * family.addressBytes(); i += 2) {
            pseudo += out.getShort(family.source() + i) & 0xffff;
        }
        int sum = sum(out, at, out.capacity(), pseudo);
        out.putShort(at + transport.checksum(), (short) (sum == 0 && transport == Transport.UDP ? 0xffff : sum));
        return out.array();
    }

    /// Reads a frame, whose sums must be right.
    static Frame read(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        Family family = in.getShort(12) == 0x0800 ? Family.IPV4 : Family.IPV6;
        int at = family.transport();
        Transport transport = in.get(family.protocol()) == 6 ? Transport.TCP : Transport.UDP;
        Frame frame = new Frame(
                socket(in, family.source(), family, at),
                socket(in, family.destination(), family, at + 2),
                transport,
                transport == Transport.TCP ? in.get(at + 13) : 0,
                in.get(family.hops()) & 0xff,
                Arrays.copyOfRange(bytes, at + transport.bytes(), bytes.length));
        byte[] again = frame.bytes();
        System.arraycopy(bytes, 0, again, 0, 12);
        if (!Arrays.equals(again, bytes)) {
            throw new AssertionError(
                    "a wrong sum: " + frame + "\n" + java.util.HexFormat.of().formatHex(bytes) + "\n"
                            + java.util.HexFormat.of().formatHex(again));
        }
        return frame;
    }

    private static InetSocketAddress socket(ByteBuffer in, int address, Family family, int port) {
        byte[] ip = new byte[family.addressBytes()];
        in.get(address, ip);
        try {
            return new InetSocketAddress(InetAddress.getByAddress(ip), in.getShort(port) & 0xffff);
        } catch (java.net.UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int sum(ByteBuffer of, int from, int to, int start) {
        long sum = start;
        for (int i = from; i < to; i += 2) {
            sum += (of.get(i) & 0xff) << 8 | (i + 1 < to ? of.get(i + 1) & 0xff : 0);
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return (int) (~sum & 0xffff);
    }

    String text() {
        return source.getAddress().getHostAddress() + ":" + source.getPort() + " > "
                + destination.getAddress().getHostAddress() + ":" + destination.getPort();
    }
}
