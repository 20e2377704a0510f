package dev.fairlead.server;

import dev.fairlead.config.Config;
import dev.fairlead.config.StickySpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.upstream.sticky.SigningKeys;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// The files of keys that a config names. Read by the control thread, never by a loop.
final class KeyFiles {
    private static final int BYTES_MAX = 64 << 10;

    private KeyFiles() {}

    /// By upstream. One file that cannot be used fails all.
    static Map<String, SigningKeys> read(Config config) throws IOException {
        Map<String, SigningKeys> keys = new HashMap<>();
        for (UpstreamSpec upstream : config.upstreams().values()) {
            StickySpec sticky = upstream.sticky();
            if (sticky != null && sticky.keysFile() != null) {
                keys.put(upstream.name(), read(upstream.name(), sticky.keysFile()));
            }
        }
        return keys;
    }

    private static SigningKeys read(String upstream, String file) throws IOException {
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            byte[] bytes = in.readNBytes(BYTES_MAX + 1);
            if (bytes.length > BYTES_MAX) {
                throw new IllegalArgumentException("it is larger than " + BYTES_MAX + " bytes");
            }
            return SigningKeys.parse(new String(bytes, StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            throw failed(upstream, file, "there is no such file", e);
        } catch (IOException | IllegalArgumentException e) {
            throw failed(upstream, file, String.valueOf(e.getMessage()), e);
        }
    }

    private static IOException failed(String upstream, String file, String reason, Exception cause) {
        return new IOException(
                "upstream " + upstream + " cannot have the keys of `sticky` in " + file + ": " + reason, cause);
    }
}
