package dev.fairlead.net.proxyprotocol;

import dev.fairlead.config.ProxyVersion;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Writes one PROXY protocol header. What [#add]ed facts are given stand in version 2 alone; version 1 has no room
/// for them.
public final class ProxyHeaderWriter {
    /// Of two bytes: facts that would not fit are left out.
    private static final int TLV_BYTES_MAX = 0xffff - 36 - 2 * Tlvs.HEAD_BYTES - Integer.BYTES;

    private final ProxyVersion version;
    private final ByteArrayOutputStream tlvs = new ByteArrayOutputStream(64);
    private @Nullable Tlvs received;

    public ProxyHeaderWriter(ProxyVersion version) {
        this.version = version;
    }

    /// Passes on the facts that came with the client's own header, whose sender was trusted. They win over those
    /// that are [#add]ed later.
    public ProxyHeaderWriter passOn(Tlvs others) {
        received = others;
        byte[] kept = others.toPassOn();
        tlvs.write(kept, 0, kept.length);
        return this;
    }

    public ProxyHeaderWriter add(int type, byte[] value) {
        boolean known = received != null && received.place(type) >= 0;
        if (!known && tlvs.size() + Tlvs.HEAD_BYTES + value.length <= TLV_BYTES_MAX) {
            head(type, value.length);
            tlvs.write(value, 0, value.length);
        }
        return this;
    }

    private void head(int type, int length) {
        tlvs.write(type);
        tlvs.write(length >>> 8);
        tlvs.write(length);
    }

    /// The header of a connection that we open for ourselves, to see whether the server works: its addresses are
    /// those of the connection.
    public static ByteBuf local(ProxyVersion version, ByteBufAllocator buffers) {
        return switch (version) {
            // Version 1 has no word for it; §2.1 lets a receiver use the connection's own addresses then.
            case V1 -> line("PROXY UNKNOWN\r\n", buffers);
            case V2 ->
                buffers.buffer(ProxyHeaderReader.V2_HEAD_BYTES)
                        .writeBytes(ProxyHeaderReader.SIGNATURE)
                        .writeByte(ProxyHeaderReader.LOCAL)
                        .writeByte(0)
                        .writeShort(0);
        };
    }

    /// The header of a client's connection. `checksum`: with the CRC32C of it.
    public ByteBuf write(
            InetSocketAddress source, InetSocketAddress destination, boolean checksum, ByteBufAllocator buffers) {
        boolean v4 = source.getAddress() instanceof Inet4Address && destination.getAddress() instanceof Inet4Address;
        return switch (version) {
            case V1 -> line(line(source, destination, v4), buffers);
            case V2 -> binary(source, destination, v4, checksum, buffers);
        };
    }

    private static String line(InetSocketAddress source, InetSocketAddress destination, boolean v4) {
        return "PROXY " + (v4 ? "TCP4 " : "TCP6 ") + text(source.getAddress(), v4) + " "
                + text(destination.getAddress(), v4) + " " + source.getPort() + " " + destination.getPort() + "\r\n";
    }

    private static ByteBuf line(String line, ByteBufAllocator buffers) {
        byte[] bytes = line.getBytes(StandardCharsets.US_ASCII);
        return buffers.buffer(bytes.length).writeBytes(bytes);
    }

    private static String text(InetAddress address, boolean v4) {
        String text = address.getHostAddress();
        if (!v4 && address instanceof Inet4Address) {
            return "::ffff:" + text;
        }
        int zone = text.indexOf('%');
        return zone < 0 ? text : text.substring(0, zone);
    }

    private ByteBuf binary(
            InetSocketAddress source,
            InetSocketAddress destination,
            boolean v4,
            boolean checksum,
            ByteBufAllocator buffers) {
        int checksumAt = -1;
        if (checksum) {
            head(Tlvs.CRC32C, Integer.BYTES);
            checksumAt = tlvs.size();
            tlvs.write(new byte[Integer.BYTES], 0, Integer.BYTES);
        }
        byte[] facts = tlvs.toByteArray();
        int size = (v4 ? 12 : 36) + facts.length;
        ByteBuf header = buffers.buffer(ProxyHeaderReader.V2_HEAD_BYTES + size);
        header.writeBytes(ProxyHeaderReader.SIGNATURE)
                .writeByte(ProxyHeaderReader.PROXY)
                .writeByte(v4 ? ProxyHeaderReader.TCP4 : ProxyHeaderReader.TCP6)
                .writeShort(size);
        address(source.getAddress(), v4, header);
        address(destination.getAddress(), v4, header);
        header.writeShort(source.getPort()).writeShort(destination.getPort());
        int factsAt = header.writerIndex();
        header.writeBytes(facts);
        if (checksum) {
            CRC32C sum = new CRC32C();
            sum.update(header.nioBuffer());
            header.setInt(factsAt + checksumAt, (int) sum.getValue());
        }
        return header;
    }

    /// RFC 4291 §2.5.5.2: an IPv4 address beside one of IPv6 is written as one.
    private static void address(InetAddress address, boolean v4, ByteBuf out) {
        if (!v4 && address instanceof Inet4Address) {
            out.writeZero(10).writeShort(0xffff);
        }
        out.writeBytes(address.getAddress());
    }
}
