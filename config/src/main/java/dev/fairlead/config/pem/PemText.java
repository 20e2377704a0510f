package dev.fairlead.config.pem;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The sections of a PEM file (RFC 7468): a label, and the bytes that stand under it. What stands between sections is
/// for people.
final class PemText {
    /// A bundle of all public authorities has half of that.
    private static final int BYTES_MAX = 1 << 20;

    private static final Pattern SECTION =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s(.*?)-----END \\1-----", Pattern.DOTALL);

    private PemText() {}

    /// `isEncryptedOldStyle`: the bytes are encrypted as OpenSSL did before PKCS#8.
    record Section(String label, byte[] bytes, boolean isEncryptedOldStyle) {}

    static List<Section> read(String file, Unusable.Part part) throws Unusable {
        String text = new String(bytes(file, part), StandardCharsets.ISO_8859_1);
        List<Section> sections = new ArrayList<>();
        Matcher matcher = SECTION.matcher(text);
        while (matcher.find()) {
            String content = matcher.group(2);
            // RFC 1421 §4.6.1.1: headers, up to an empty line.
            boolean encrypted = content.startsWith("Proc-Type:");
            try {
                byte[] bytes = encrypted ? new byte[0] : Base64.getMimeDecoder().decode(content);
                sections.add(new Section(matcher.group(1), bytes, encrypted));
            } catch (IllegalArgumentException notBase64) {
                throw new Unusable(part, "`" + file + "` has a section `" + matcher.group(1) + "` that is not base 64");
            }
        }
        return sections;
    }

    /// Waits for the disk.
    static byte[] bytes(String file, Unusable.Part part) throws Unusable {
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            byte[] bytes = in.readNBytes(BYTES_MAX + 1);
            if (bytes.length > BYTES_MAX) {
                throw new Unusable(part, "`" + file + "` is larger than 1MiB, which no such file is");
            }
            return bytes;
        } catch (Unusable tooLarge) {
            throw tooLarge;
        } catch (NoSuchFileException e) {
            throw new Unusable(part, "there is no file `" + file + "`");
        } catch (IOException | InvalidPathException e) {
            throw new Unusable(part, "the file `" + file + "` cannot be read");
        }
    }
}
