package dev.fairlead.l4.udp;

import dev.fairlead.config.QuicSpec;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.FastThreadLocal;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// Reads the id of a server out of a connection id that it made (draft-ietf-quic-load-balancers-21, §5): the first
/// octet tells that it did, then come its id and a nonce, in plain text or encrypted. Any thread.
final class ServerIdReader {
    private static final int BLOCK = 16;

    // immutable
    private final int rotation;
    private final int idLength;
    /// Octets behind the first that are read: with a key all of them, without one those of the id.
    private final int length;
    private final FastThreadLocal<Work> work;

    private ServerIdReader(int rotation, int idLength, int length, @Nullable SecretKeySpec key) {
        this.rotation = rotation;
        this.idLength = idLength;
        this.length = length;
        this.work = new FastThreadLocal<>() {
            @Override
            protected Work initialValue() throws GeneralSecurityException {
                return new Work(length, key);
            }
        };
    }

    /// `key` are 16 octets; null: the ids are not encrypted.
    static ServerIdReader of(QuicSpec spec, byte @Nullable [] key) {
        int id = spec.serverIdLength();
        return key == null
                ? new ServerIdReader(spec.configRotation(), id, id, null)
                : new ServerIdReader(spec.configRotation(), id, id + spec.nonceLength(), new SecretKeySpec(key, "AES"));
    }

    /// Whether the connection id at this place, which has at most so many octets, is one with a server in it.
    boolean peekIsOurs(ByteBuf datagram, int at, int most) {
        return idLength > 0 && most > length && datagram.getUnsignedByte(at) >> 5 == rotation;
    }

    /// The server's id are the first octets; they last until this thread reads another.
    byte[] peek(ByteBuf datagram, int at) {
        return work.get().read(datagram, at + 1);
    }

    int idLength() {
        return idLength;
    }

    /// What one thread needs for it.
    private static final class Work {
        private final byte[] text;
        private final int half;
        private final boolean isOdd;
        private final byte[] left;
        private final byte[] right;
        private final byte[] block = new byte[BLOCK];
        private final byte[] mask = new byte[BLOCK];
        private final @Nullable Cipher cipher;

        Work(int length, @Nullable SecretKeySpec key) throws GeneralSecurityException {
            text = new byte[length];
            half = (length + 1) / 2;
            isOdd = length % 2 == 1;
            left = new byte[half];
            right = new byte[half];
            if (key == null) {
                cipher = null;
            } else {
                // One block, or a round function: what ECB is wrong for is no matter here (§4.3).
                cipher = Cipher.getInstance("AES/ECB/NoPadding");
                cipher.init(length == BLOCK ? Cipher.DECRYPT_MODE : Cipher.ENCRYPT_MODE, key);
            }
        }

        byte[] read(ByteBuf datagram, int at) {
            datagram.getBytes(at, text);
            Cipher aes = cipher;
            if (aes == null) {
                return text;
            }
            try {
                if (text.length == BLOCK) {
                    aes.doFinal(text, 0, BLOCK, text, 0);
                } else {
                    decrypt(aes);
                }
                return text;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("AES of one block", e);
            }
        }

        /// Four rounds back. An odd octet in the middle is half of either side's.
        private void decrypt(Cipher aes) throws GeneralSecurityException {
            System.arraycopy(text, 0, left, 0, half);
            System.arraycopy(text, text.length - half, right, 0, half);
            trim();
            round(aes, 4, right, left);
            round(aes, 3, left, right);
            round(aes, 2, right, left);
            round(aes, 1, left, right);
            System.arraycopy(left, 0, text, 0, half);
            byte middle = (byte) (left[half - 1] | right[0]);
            System.arraycopy(right, 0, text, text.length - half, half);
            if (isOdd) {
                text[half - 1] = middle;
            }
        }

        private void round(Cipher aes, int pass, byte[] from, byte[] to) throws GeneralSecurityException {
            System.arraycopy(from, 0, block, 0, half);
            block[BLOCK - 2] = (byte) text.length;
            block[BLOCK - 1] = (byte) pass;
            aes.doFinal(block, 0, BLOCK, mask, 0);
            for (int i = 0; i < half; i++) {
                to[i] ^= mask[i];
            }
            trim();
        }

        private void trim() {
            if (isOdd) {
                left[half - 1] &= (byte) 0xf0;
                right[0] &= 0x0f;
            }
        }
    }
}
