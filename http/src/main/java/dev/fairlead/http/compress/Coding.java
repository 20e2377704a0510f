package dev.fairlead.http.compress;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.github.luben.zstd.util.Native;
import dev.fairlead.config.ContentCoding;
import dev.fairlead.http.message.Ascii;
import dev.fairlead.sys.Libdeflate;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A content coding that Fairlead can give a body (RFC 9110 §8.4.1).
enum Coding {
    GZIP,
    BR,
    ZSTD;

    private static final Logger LOG = LoggerFactory.getLogger(Coding.class);

    /// RFC 9110 §8.4.1.3: the old name, which is to be taken for the same.
    private static final byte[] X_GZIP = "x-gzip".getBytes(StandardCharsets.US_ASCII);

    private static final int KIB = 1024;
    /// Of Brotli from 0 on and of Zstandard from 1 on, by level, in KiB.
    private static final int[] BROTLI = {180, 180, 840, 840, 1130, 1930, 3210, 8110, 11_920, 15_020};

    private static final int[] ZSTANDARD = {0, 800, 800, 1230, 2510, 3020, 3020, 5580, 8000, 10_700};

    private final String word = name().toLowerCase(Locale.ROOT);
    private final byte[] lower = word.getBytes(StandardCharsets.US_ASCII);

    /// Those of the config that this machine can do, in the same order.
    static Coding[] of(List<ContentCoding> wanted) {
        Loaded.now();
        return wanted.stream()
                .map(each -> valueOf(each.name()))
                .filter(Coding::isAvailable)
                .toArray(Coding[]::new);
    }

    /// As it stands in fields and metrics.
    String word() {
        return word;
    }

    /// Bytes outside of the heap that an encoder holds, about; of a body of which all is there, or not. Measured, but
    /// for zlib, of which zconf.h says it.
    int memory(int level, boolean isWhole) {
        return switch (this) {
            case GZIP -> isWhole && hasForWhole() ? (level == 1 ? 330 : 785) * KIB : (1 << 17) + (1 << 17) + 6000;
            case BR -> BROTLI[level] * KIB;
            case ZSTD -> ZSTANDARD[level] * KIB;
        };
    }

    /// The same of a decoder: the longest window that a body may have, and what else it needs.
    int decoderMemory() {
        return switch (this) {
            case GZIP -> 64 * KIB;
            case BR -> (16 << 10) * KIB + 512 * KIB;
            case ZSTD -> (8 << 10) * KIB + 512 * KIB;
        };
    }

    Coder decoder() {
        return switch (this) {
            case GZIP -> new GzipDecoder();
            case BR -> new BrotliDecoder();
            case ZSTD -> new ZstdDecoder();
        };
    }

    /// The one that the value of a field names, if it can be had here.
    static @Nullable Coding named(byte[] bytes, int from, int to) {
        for (Coding each : values()) {
            if (each.isNamed(bytes, from, to) && each.isAvailable()) {
                return each;
            }
        }
        return null;
    }

    boolean isNamed(byte[] bytes, int from, int to) {
        return Ascii.equalsIgnoreCase(bytes, from, to, lower)
                || this == GZIP && Ascii.equalsIgnoreCase(bytes, from, to, X_GZIP);
    }

    /// Whether there is a better encoder for bodies of which all is there.
    boolean hasForWhole() {
        return this == GZIP && Loaded.LIBDEFLATE;
    }

    /// Native code is loaded when somebody first asks; not on a loop.
    boolean isAvailable() {
        return switch (this) {
            case GZIP -> true;
            case BR -> Loaded.BROTLI;
            case ZSTD -> Loaded.ZSTANDARD;
        };
    }

    /// What could be loaded, once for the process.
    private static final class Loaded {
        private static final boolean BROTLI = Brotli4jLoader.isAvailable();
        private static final boolean ZSTANDARD = isZstandard();
        private static final boolean LIBDEFLATE = Libdeflate.isAvailable();

        static {
            if (!BROTLI || !ZSTANDARD) {
                LOG.atWarn()
                        .addKeyValue("br", BROTLI)
                        .addKeyValue("zstd", ZSTANDARD)
                        .log("not every coding can be had: its native code does not load here");
            }
        }

        /// Whoever asks first waits, and is to be no loop.
        private static void now() {}

        private static boolean isZstandard() {
            try {
                Native.load();
            } catch (UnsatisfiedLinkError e) {
                // Another machine, or a folder for temporary files that nothing may be run from.
                return false;
            }
            return Native.isLoaded();
        }
    }
}
