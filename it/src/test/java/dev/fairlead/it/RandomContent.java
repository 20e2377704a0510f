package dev.fairlead.it;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;

/// Content that cannot be guessed by repeating something, made from a fixed seed as it is written and hashed as it
/// is read: neither side ever holds it.
final class RandomContent {
    private static final int BLOCK = 1 << 16;

    private RandomContent() {}

    /// Writes `length` bytes and returns their hash.
    static String write(OutputStream out, long length) throws IOException {
        MessageDigest digest = sha256();
        Random random = new Random(11);
        byte[] block = new byte[BLOCK];
        random.nextBytes(block);
        for (long left = length; left > 0; ) {
            // A new block of noise for each 64 KiB would cost more than the transfer: a counter makes each unique.
            int at = random.nextInt(BLOCK);
            block[at] = (byte) (block[at] + 1);
            int count = (int) Math.min(BLOCK, left);
            out.write(block, 0, count);
            digest.update(block, 0, count);
            left -= count;
        }
        out.flush();
        return HexFormat.of().formatHex(digest.digest());
    }

    /// Reads exactly `length` bytes and returns their hash.
    static String read(InputStream in, long length) throws IOException {
        MessageDigest digest = sha256();
        byte[] block = new byte[BLOCK];
        for (long left = length; left > 0; ) {
            int count = in.read(block, 0, (int) Math.min(BLOCK, left));
            if (count < 0) {
                throw new EOFException(left + " of " + length + " bytes are missing");
            }
            digest.update(block, 0, count);
            left -= count;
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
