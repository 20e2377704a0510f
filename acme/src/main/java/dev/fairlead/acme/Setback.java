package dev.fairlead.acme;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// That orders of a certificate have failed, as all nodes know it, and a process that was started anew: how often in a
/// row, and before when none is made. `asked` stands for what was asked for: another config is another matter.
record Setback(int failures, Instant notBefore, String asked) {
    private static final String FOLDER = "pauses/";

    /// Null: there was none.
    static @Nullable Setback read(Store store, String certificate) throws IOException {
        byte[] text = store.read(FOLDER + certificate);
        if (text == null) {
            return null;
        }
        String[] parts = new String(text, StandardCharsets.US_ASCII).strip().split(" ", 3);
        try {
            return parts.length == 3
                    ? new Setback(Integer.parseInt(parts[0]), Instant.ofEpochMilli(Long.parseLong(parts[1])), parts[2])
                    : null;
        } catch (NumberFormatException broken) {
            return null;
        }
    }

    void write(Store store, String certificate) throws IOException {
        String text = failures + " " + notBefore.toEpochMilli() + " " + asked + "\n";
        store.write(FOLDER + certificate, text.getBytes(StandardCharsets.US_ASCII));
    }

    static void remove(Store store, String certificate) throws IOException {
        store.remove(FOLDER + certificate);
    }
}
