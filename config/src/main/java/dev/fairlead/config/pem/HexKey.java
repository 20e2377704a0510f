package dev.fairlead.config.pem;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// A key of 128 bits in a file of its own: that of QUIC connection ids (QUIC-LB), or of stateless resets.
public final class HexKey {
    /// AES-128.
    private static final int OCTETS = 16;

    private HexKey() {}

    /// One line in hexadecimal. Waits for the disk.
    public static byte[] read(String file) throws Unusable {
        String text = new String(PemText.bytes(file, Unusable.Part.KEY), StandardCharsets.ISO_8859_1).strip();
        try {
            byte[] key = HexFormat.of().parseHex(text);
            if (key.length == OCTETS) {
                return key;
            }
        } catch (IllegalArgumentException notHex) {
            // Said below: the text itself is nothing for a log.
        }
        throw new Unusable(
                Unusable.Part.KEY, "`" + file + "` is not 16 octets in hexadecimal: `openssl rand -hex 16` makes them");
    }
}
