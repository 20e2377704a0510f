package dev.fairlead.upstream.balance;

import java.net.Inet4Address;
import java.net.InetAddress;

/// 64-bit hashes that are the same in every process, on every machine and in every version, so that all nodes send
/// a key to the same endpoint. Not for secrets. Bytes are multiplied in one by one as in FNV-1a; the finishing mix
/// is that of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014), without
/// which the upper bits of short keys would hardly differ.
public final class Hash {
    private static final long FNV_START = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private Hash() {}

    /// Every bit of the result depends on every bit of `value`.
    public static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }

    public static long of(byte[] bytes, int from, int to) {
        long hash = FNV_START;
        for (int i = from; i < to; i++) {
            hash = (hash ^ (bytes[i] & 0xff)) * FNV_PRIME;
        }
        return mix(hash);
    }

    /// Text of Latin-1 has the hash of its bytes.
    public static long of(CharSequence text) {
        long hash = FNV_START;
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            if (each > 0xff) {
                hash = (hash ^ (each >>> 8)) * FNV_PRIME;
            }
            hash = (hash ^ (each & 0xff)) * FNV_PRIME;
        }
        return mix(hash);
    }

    /// Makes no object for IPv4.
    public static long of(InetAddress address) {
        if (address instanceof Inet4Address four) {
            // Documented to be the address itself.
            return mix(FNV_START ^ four.hashCode());
        }
        byte[] bytes = address.getAddress();
        return of(bytes, 0, bytes.length);
    }

    /// The hash of a pair, in this order.
    public static long with(long hash, long more) {
        return mix(hash * FNV_PRIME + more);
    }

    /// The upper bits as a number from 0 to `bound` - 1, evenly enough for any bound far below 2^32.
    public static int below(long hash, int bound) {
        return (int) (((hash >>> 32) * bound) >>> 32);
    }
}
