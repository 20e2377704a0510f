package dev.fairlead.http.filter;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/// Random hex digits for ids that must not come twice anywhere, and are no secrets: xoroshiro128++ (Blackman, Vigna,
/// "Scrambled Linear Pseudorandom Number Generators", 2021), begun at a place of its 2^128 states that the system
/// chose. One thread.
final class RandomHex {
    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int NUMBER_DIGITS = 16;

    private long one;
    private long other;

    RandomHex() {
        // Once a loop, while it is made.
        var secure = new SecureRandom();
        one = secure.nextLong();
        other = secure.nextLong() | 1;
    }

    /// Fills `into[from, from + 16)`; never with zeros only.
    void put(byte[] into, int from) {
        long number = next();
        while (number == 0) {
            number = next();
        }
        for (int i = from + NUMBER_DIGITS - 1; i >= from; i--) {
            into[i] = DIGITS[(int) number & 0xf];
            number >>>= 4;
        }
    }

    private long next() {
        long result = Long.rotateLeft(one + other, 17) + one;
        long mixed = other ^ one;
        one = Long.rotateLeft(one, 49) ^ mixed ^ mixed << 21;
        other = Long.rotateLeft(mixed, 28);
        return result;
    }
}
