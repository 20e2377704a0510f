package dev.fairlead.config.pem;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// A file of secrets from which keys of session tickets are made.
public final class TicketSecrets {
    private static final int OCTETS_MIN = 32;
    /// Each costs a comparison for every ticket that none has made.
    private static final int SECRETS_MAX = 16;

    private TicketSecrets() {}

    /// One secret for each line that is not empty; the first encrypts. Waits for the disk.
    public static List<byte[]> read(String file) throws Unusable {
        List<byte[]> secrets = new ArrayList<>();
        String text = new String(PemText.bytes(file, Unusable.Part.KEY), StandardCharsets.ISO_8859_1);
        int line = 0;
        for (String each : text.lines().toList()) {
            line++;
            if (each.isBlank()) {
                continue;
            }
            try {
                byte[] secret = HexFormat.of().parseHex(each.strip());
                if (secret.length < OCTETS_MIN) {
                    throw unusable(file, line, "has fewer than 32 octets");
                }
                secrets.add(secret);
            } catch (IllegalArgumentException notHex) {
                throw unusable(file, line, "is not in hexadecimal");
            }
        }
        if (secrets.isEmpty()) {
            throw new Unusable(Unusable.Part.KEY, "`" + file + "` holds no secret: `openssl rand -hex 32` makes one");
        }
        if (secrets.size() > SECRETS_MAX) {
            throw new Unusable(Unusable.Part.KEY, "`" + file + "` holds more than " + SECRETS_MAX + " secrets");
        }
        return secrets;
    }

    private static Unusable unusable(String file, int line, String what) {
        return new Unusable(Unusable.Part.KEY, "the secret on line " + line + " of `" + file + "` " + what);
    }
}
