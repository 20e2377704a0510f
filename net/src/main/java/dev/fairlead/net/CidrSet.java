package dev.fairlead.net;

import dev.fairlead.config.Cidr;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;

/// Blocks of IP addresses, and whether an address is in one of them. An IPv4 address that comes as IPv6
/// (`::ffff:10.0.0.1`, RFC 4291 §2.5.5.2) is the IPv4 address. Immutable; any thread.
///
/// Blocks that lie in others are dropped and the rest are kept in order, so that a lookup is one binary search,
/// however long the list: some ten nanoseconds for 100,000 blocks.
public final class CidrSet {
    /// Holds nothing.
    public static final CidrSet EMPTY = new CidrSet(List.of());

    private static final int V4_BYTES = 4;
    private static final long SIGN = Long.MIN_VALUE;

    /// First and last address of each block, in order; IPv4 without a sign in a long.
    private final long[] v4From;

    private final long[] v4To;

    /// The high and low halves of first and last address, with the sign bit turned, so that signed comparison
    /// orders them.
    private final long[] v6FromHigh;

    private final long[] v6FromLow;
    private final long[] v6ToHigh;
    private final long[] v6ToLow;

    private record Block(long fromHigh, long fromLow, long toHigh, long toLow) implements Comparable<Block> {
        @Override
        public int compareTo(Block other) {
            int high = Long.compare(fromHigh, other.fromHigh);
            int low = high == 0 ? Long.compare(fromLow, other.fromLow) : high;
            // The larger of two that begin alike comes first, and takes the other in.
            int end = low == 0 ? Long.compare(other.toHigh, toHigh) : low;
            return end == 0 ? Long.compare(other.toLow, toLow) : end;
        }

        boolean isWithin(Block other) {
            return toHigh < other.toHigh || toHigh == other.toHigh && toLow <= other.toLow;
        }
    }

    private CidrSet(List<Cidr> blocks) {
        Block[] v4 = sorted(blocks, V4_BYTES);
        Block[] v6 = sorted(blocks, 2 * Long.BYTES);
        v4From = Arrays.stream(v4).mapToLong(Block::fromLow).toArray();
        v4To = Arrays.stream(v4).mapToLong(Block::toLow).toArray();
        v6FromHigh = Arrays.stream(v6).mapToLong(Block::fromHigh).toArray();
        v6FromLow = Arrays.stream(v6).mapToLong(Block::fromLow).toArray();
        v6ToHigh = Arrays.stream(v6).mapToLong(Block::toHigh).toArray();
        v6ToLow = Arrays.stream(v6).mapToLong(Block::toLow).toArray();
    }

    public static CidrSet of(List<Cidr> blocks) {
        return blocks.isEmpty() ? EMPTY : new CidrSet(blocks);
    }

    public boolean isEmpty() {
        return v4From.length == 0 && v6FromHigh.length == 0;
    }

    /// Allocates nothing for IPv4.
    public boolean contains(InetAddress address) {
        if (address instanceof Inet4Address) {
            // Its hash code is the address: documented by nobody, and yet the only way without a copy of its bytes.
            return v4From.length > 0 && containsV4(Integer.toUnsignedLong(address.hashCode()));
        }
        if (isEmpty()) {
            return false;
        }
        byte[] bytes = address.getAddress();
        return containsV6(half(bytes, 0), half(bytes, Long.BYTES));
    }

    private boolean containsV4(long address) {
        int found = Arrays.binarySearch(v4From, address);
        int at = found >= 0 ? found : -found - 2;
        return at >= 0 && address <= v4To[at];
    }

    private boolean containsV6(long high, long low) {
        if (high == SIGN && (low ^ SIGN) >>> 32 == 0xffff) {
            return containsV4(low & 0xffff_ffffL);
        }
        int first = 0;
        int behind = v6FromHigh.length;
        while (first < behind) {
            int middle = first + behind >>> 1;
            if (isAfter(v6FromHigh[middle], v6FromLow[middle], high, low)) {
                behind = middle;
            } else {
                first = middle + 1;
            }
        }
        return first > 0 && !isAfter(high, low, v6ToHigh[first - 1], v6ToLow[first - 1]);
    }

    private static boolean isAfter(long high, long low, long otherHigh, long otherLow) {
        return high > otherHigh || high == otherHigh && low > otherLow;
    }

    /// Eight bytes as a number that signed comparison orders as unsigned.
    private static long half(byte[] bytes, int from) {
        long half = 0;
        for (int i = from; i < from + Long.BYTES; i++) {
            half = half << 8 | bytes[i] & 0xff;
        }
        return half ^ SIGN;
    }

    private static Block[] sorted(List<Cidr> blocks, int bytes) {
        Block[] all = blocks.stream()
                .filter(each -> each.network().getAddress().length == bytes)
                .map(CidrSet::block)
                .sorted()
                .toArray(Block[]::new);
        int kept = 0;
        for (Block block : all) {
            if (kept == 0 || !block.isWithin(all[kept - 1])) {
                all[kept++] = block;
            }
        }
        return Arrays.copyOf(all, kept);
    }

    private static Block block(Cidr cidr) {
        byte[] first = cidr.network().getAddress();
        if (first.length == V4_BYTES) {
            long from = Integer.toUnsignedLong(cidr.network().hashCode());
            return new Block(0, from, 0, from | 0xffff_ffffL >>> cidr.length());
        }
        byte[] last = first.clone();
        for (int bit = cidr.length(); bit < last.length * 8; bit++) {
            last[bit / 8] |= (byte) (0x80 >> bit % 8);
        }
        return new Block(half(first, 0), half(first, Long.BYTES), half(last, 0), half(last, Long.BYTES));
    }
}
