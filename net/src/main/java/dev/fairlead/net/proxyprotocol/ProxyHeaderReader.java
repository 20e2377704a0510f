package dev.fairlead.net.proxyprotocol;

import dev.fairlead.config.ProxyVersion;
import io.netty.buffer.ByteBuf;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Reads the one PROXY protocol header (versions 1 and 2, revision of 2020) at the begin of a connection. What is
/// not exactly a header is malformed: nothing is guessed and nothing skipped.
///
/// Fed with all bytes so far, again and again until it [#read]s a header or has a [#problem]; it looks at none
/// twice before there are enough.
public final class ProxyHeaderReader {
    /// §2.2.
    static final byte[] SIGNATURE = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};

    static final int V2_HEAD_BYTES = 16;
    static final int LOCAL = 0x20;
    static final int PROXY = 0x21;
    static final int TCP4 = 0x11;
    static final int TCP6 = 0x21;

    /// §2.1: the longest line, with its end.
    private static final int V1_BYTES_MAX = 107;

    private static final byte[] V1_BEGIN = "PROXY ".getBytes(StandardCharsets.US_ASCII);

    /// Bytes of the addresses of each family: none, IPv4, IPv6, UNIX.
    private static final int[] ADDRESS_BYTES = {0, 12, 36, 216};

    private final int bytesMax;
    private @Nullable String problem;

    /// `bytesMax` bounds a version 2 header.
    public ProxyHeaderReader(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    /// What is wrong with the header; null: nothing so far.
    public @Nullable String problem() {
        return problem;
    }

    /// The header, of which `in` is read then and no byte more; null while more is needed, or there is a problem,
    /// and `in` stays as it was.
    public @Nullable ProxyHeader read(ByteBuf in) {
        if (!in.isReadable()) {
            return null;
        }
        return switch (in.getByte(in.readerIndex())) {
            case 'P' -> begins(in, V1_BEGIN) ? readLine(in) : null;
            case 0x0d -> begins(in, SIGNATURE) ? readBinary(in) : null;
            default -> malformed("neither version 1 nor 2");
        };
    }

    private @Nullable ProxyHeader malformed(String what) {
        problem = what;
        return null;
    }

    /// Whether all of `expected` is there.
    private boolean begins(ByteBuf in, byte[] expected) {
        int size = Math.min(expected.length, in.readableBytes());
        for (int i = 0; i < size; i++) {
            if (in.getByte(in.readerIndex() + i) != expected[i]) {
                malformed("neither version 1 nor 2");
                return false;
            }
        }
        return size == expected.length;
    }

    // ---- version 1 ----

    private @Nullable ProxyHeader readLine(ByteBuf in) {
        int size = Math.min(V1_BYTES_MAX, in.readableBytes());
        int end = in.indexOf(in.readerIndex(), in.readerIndex() + size, (byte) '\n');
        if (end < 0) {
            return size == V1_BYTES_MAX ? malformed("a line of more than 107 bytes") : null;
        }
        int length = end - in.readerIndex() + 1;
        String line = in.toString(in.readerIndex(), length, StandardCharsets.ISO_8859_1);
        if (line.indexOf('\r') != length - 2) {
            return malformed("a line that does not end in CR LF");
        }
        ProxyHeader header = line(line.substring(V1_BEGIN.length, length - 2));
        if (header != null) {
            in.skipBytes(length);
        }
        return header;
    }

    private @Nullable ProxyHeader line(String line) {
        // §2.1: what follows UNKNOWN is ignored.
        if (line.equals("UNKNOWN") || line.startsWith("UNKNOWN ")) {
            return new ProxyHeader(ProxyVersion.V1, false, null, null, Tlvs.NONE);
        }
        String[] words = line.split(" ", -1);
        int bytes = switch (words[0]) {
            case "TCP4" -> 4;
            case "TCP6" -> 16;
            default -> 0;
        };
        if (bytes == 0 || words.length != 5) {
            return malformed("a line that is none of TCP4, TCP6 and UNKNOWN");
        }
        InetSocketAddress source = address(words[1], words[3], bytes);
        InetSocketAddress destination = address(words[2], words[4], bytes);
        return source == null || destination == null
                ? malformed("an address or port that is none")
                : new ProxyHeader(ProxyVersion.V1, false, source, destination, Tlvs.NONE);
    }

    private static @Nullable InetSocketAddress address(String ip, String port, int bytes) {
        byte[] address = bytes == 4 ? v4(ip) : v6(ip);
        int number = number(port, 65535);
        return address == null || number < 0 ? null : address(address, number);
    }

    private static byte @Nullable [] v4(String text) {
        String[] parts = text.split("[.]", -1);
        if (parts.length != 4) {
            return null;
        }
        byte[] address = new byte[4];
        for (int i = 0; i < 4; i++) {
            int part = number(parts[i], 255);
            if (part < 0) {
                return null;
            }
            address[i] = (byte) part;
        }
        return address;
    }

    private static byte @Nullable [] v6(String text) {
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            // Neither a zone nor brackets.
            if (Character.digit(each, 16) < 0 && each != ':' && each != '.' || each > 'f') {
                return null;
            }
        }
        return text.indexOf(':') < 0 ? null : NetUtil.createByteArrayFromIpAddressString(text);
    }

    /// Without a zero in front; -1 when it is no number up to `max`.
    private static int number(String text, int max) {
        if (text.isEmpty() || text.length() > 5 || text.length() > 1 && text.charAt(0) == '0') {
            return -1;
        }
        int number = 0;
        for (int i = 0; i < text.length(); i++) {
            char digit = text.charAt(i);
            if (digit < '0' || digit > '9') {
                return -1;
            }
            number = number * 10 + digit - '0';
        }
        return number <= max ? number : -1;
    }

    // ---- version 2 ----

    private @Nullable ProxyHeader readBinary(ByteBuf in) {
        if (in.readableBytes() < V2_HEAD_BYTES) {
            return null;
        }
        int from = in.readerIndex();
        int command = in.getUnsignedByte(from + 12);
        int family = in.getUnsignedByte(from + 13) >> 4;
        int transport = in.getUnsignedByte(from + 13) & 0x0f;
        int size = in.getUnsignedShort(from + 14);
        if (command != LOCAL && command != PROXY) {
            return malformed("a version or command that is none");
        }
        // §2.2: neither without the other, and all other values are reserved.
        if (family >= ADDRESS_BYTES.length || transport > 2 || family == 0 != (transport == 0)) {
            return malformed("a family or protocol that is none");
        }
        if (V2_HEAD_BYTES + size > bytesMax) {
            return malformed("more than `header-bytes`");
        }
        // §2.2: LOCAL has whatever addresses, also none.
        boolean addressed = command == PROXY;
        if (addressed && size < ADDRESS_BYTES[family]) {
            return malformed("too short for its addresses");
        }
        if (in.readableBytes() < V2_HEAD_BYTES + size) {
            return null;
        }
        byte[] all = new byte[V2_HEAD_BYTES + size];
        in.getBytes(from, all);
        ProxyHeader header = binary(all, command == LOCAL, addressed ? family : 0, transport);
        if (header != null) {
            in.skipBytes(all.length);
        }
        return header;
    }

    private @Nullable ProxyHeader binary(byte[] all, boolean local, int family, int transport) {
        if (local) {
            // §2.2: the receiver must discard what comes with it.
            return new ProxyHeader(ProxyVersion.V2, true, null, null, Tlvs.NONE);
        }
        int tlvsFrom = V2_HEAD_BYTES + ADDRESS_BYTES[family];
        byte[] rest = new byte[all.length - tlvsFrom];
        System.arraycopy(all, tlvsFrom, rest, 0, rest.length);
        Tlvs tlvs = Tlvs.of(rest);
        if (tlvs == null) {
            return malformed("malformed TLVs");
        }
        int checksum = tlvs.place(Tlvs.CRC32C);
        if (checksum >= 0 && !isSame(all, tlvsFrom + checksum)) {
            return malformed("a checksum that is wrong");
        }
        boolean known = transport == 1 && (family == 1 || family == 2);
        if (!known) {
            // §2.2: the connection's own addresses hold.
            return new ProxyHeader(ProxyVersion.V2, false, null, null, tlvs);
        }
        int bytes = family == 1 ? 4 : 16;
        return new ProxyHeader(ProxyVersion.V2, false, address(all, 0, bytes), address(all, 1, bytes), tlvs);
    }

    private static InetSocketAddress address(byte[] all, int which, int bytes) {
        byte[] ip = new byte[bytes];
        System.arraycopy(all, V2_HEAD_BYTES + which * bytes, ip, 0, bytes);
        int at = V2_HEAD_BYTES + 2 * bytes + 2 * which;
        return address(ip, (all[at] & 0xff) << 8 | all[at + 1] & 0xff);
    }

    /// §2.2.3: over the whole header, with zeros in the checksum's place.
    private static boolean isSame(byte[] all, int place) {
        int told = 0;
        for (int i = place; i < place + Integer.BYTES; i++) {
            told = told << 8 | all[i] & 0xff;
            all[i] = 0;
        }
        CRC32C sum = new CRC32C();
        sum.update(all);
        return (int) sum.getValue() == told;
    }

    private static InetSocketAddress address(byte[] ip, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(ip), port);
        } catch (UnknownHostException impossible) {
            throw new AssertionError("four or sixteen bytes", impossible);
        }
    }
}
