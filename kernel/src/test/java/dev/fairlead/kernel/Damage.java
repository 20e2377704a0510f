package dev.fairlead.kernel;

import java.nio.ByteBuffer;
import java.util.Random;

/// What may happen to a frame on its way, and what a program may take for a packet after that.
final class Damage {
    private static final int ETHERNET = 14;

    private Damage() {}

    /// Some octets are others, from one on.
    static byte[] of(byte[] whole, int from, Random random) {
        byte[] damaged = whole.clone();
        for (int hits = 1 + random.nextInt(4); hits > 0; hits--) {
            damaged[from + random.nextInt(whole.length - from)] = (byte) random.nextInt();
        }
        return damaged;
    }

    /// Whether its headers are whole, and say no more than there is.
    static boolean isSound(byte[] frame) {
        ByteBuffer in = ByteBuffer.wrap(frame);
        if (frame.length < ETHERNET) {
            return false;
        }
        return switch (in.getShort(12) & 0xffff) {
            case 0x0800 -> isSound4(in);
            case 0x86dd -> isSound6(in);
            default -> false;
        };
    }

    private static boolean isSound4(ByteBuffer in) {
        if (in.capacity() < 34 || in.get(14) != 0x45) {
            return false;
        }
        int total = in.getShort(16) & 0xffff;
        if (total < 20 || ETHERNET + total > in.capacity()) {
            return false;
        }
        boolean isLater = (in.getShort(20) & 0x1fff) != 0;
        boolean isFirst = !isLater && (in.getShort(20) & 0x2000) != 0;
        return isLater || isSound(in, in.get(23), 34, total - 20, isFirst);
    }

    private static boolean isSound6(ByteBuffer in) {
        if (in.capacity() < 54 || (in.get(14) & 0xf0) != 0x60) {
            return false;
        }
        int length = in.getShort(18) & 0xffff;
        return 54 + length <= in.capacity() && isSound(in, in.get(20), 54, length, false);
    }

    private static boolean isSound(ByteBuffer in, int protocol, int at, int length, boolean isFirst) {
        if (protocol == Transport.TCP.number()) {
            int header = length < 20 ? 0 : (in.get(at + 12) >> 4 & 15) * 4;
            return header >= 20 && header <= length;
        }
        if (protocol == Transport.UDP.number()) {
            int said = length < 8 ? 0 : in.getShort(at + 4) & 0xffff;
            return said >= 8 && (isFirst || said <= length);
        }
        return true;
    }
}
