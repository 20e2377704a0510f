package dev.fairlead.kernel.nft;

/// The hash by which nftables chooses (`jhash`), as linux/jhash.h has it on processors whose lowest byte comes first:
/// Bob Jenkins: lookup3.c, 2006. Pure.
final class JenkinsHash {
    private static final int START = 0xdeadbeef;

    private int a;
    private int b;
    private int c;

    private JenkinsHash(int start) {
        a = start;
        b = start;
        c = start;
    }

    /// From 0 to `modulus` - 1, as `jhash ... mod MODULUS seed SEED` finds it.
    static int of(byte[] bytes, int modulus, int seed) {
        long hash = new JenkinsHash(START + bytes.length + seed).hash(bytes) & 0xffff_ffffL;
        return (int) (hash * modulus >>> 32);
    }

    private int hash(byte[] bytes) {
        int at = 0;
        for (; bytes.length - at > 12; at += 12) {
            add(bytes, at);
            mix();
        }
        if (at < bytes.length) {
            add(bytes, at);
            finish();
        }
        return c;
    }

    private void add(byte[] bytes, int at) {
        a += word(bytes, at);
        b += word(bytes, at + 4);
        c += word(bytes, at + 8);
    }

    /// What is behind the end is 0.
    private static int word(byte[] bytes, int at) {
        int word = 0;
        for (int i = 0; i < 4 && at + i < bytes.length; i++) {
            word |= (bytes[at + i] & 0xff) << 8 * i;
        }
        return word;
    }

    private void mix() {
        a = (a - c) ^ Integer.rotateLeft(c, 4);
        c += b;
        b = (b - a) ^ Integer.rotateLeft(a, 6);
        a += c;
        c = (c - b) ^ Integer.rotateLeft(b, 8);
        b += a;
        a = (a - c) ^ Integer.rotateLeft(c, 16);
        c += b;
        b = (b - a) ^ Integer.rotateLeft(a, 19);
        a += c;
        c = (c - b) ^ Integer.rotateLeft(b, 4);
        b += a;
    }

    private void finish() {
        c = (c ^ b) - Integer.rotateLeft(b, 14);
        a = (a ^ c) - Integer.rotateLeft(c, 11);
        b = (b ^ a) - Integer.rotateLeft(a, 25);
        c = (c ^ b) - Integer.rotateLeft(b, 16);
        a = (a ^ c) - Integer.rotateLeft(c, 4);
        b = (b ^ a) - Integer.rotateLeft(a, 14);
        c = (c ^ b) - Integer.rotateLeft(b, 24);
    }
}
