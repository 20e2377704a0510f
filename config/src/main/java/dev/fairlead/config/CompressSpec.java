package dev.fairlead.config;

import java.util.List;
import java.util.Map;

/// Answers of a route's upstream that are made smaller on their way to clients which take that.
public record CompressSpec(
        @Key(
                value = "False: nothing is compressed, though the listener says so for routes that do not.",
                absent = "true")
        boolean enabled,

        @Key(
                value =
                        "Media types that are compressed. Absent: text of all kinds, JSON, XML, scripts, SVG, WebAssembly and fonts that are not packed already. `application/grpc` never is: its messages have a compression of their own.",
                orOne = true,
                form = Form.MEDIA_RANGE,
                example = "[text/*, application/json]")
        List<MediaRange> types,

        @Key(
                value =
                        "Bytes from which on an answer is compressed. What fits one packet as it is would not come sooner. An answer that does not say its length is compressed.",
                absent = "1KiB",
                min = "0B",
                max = "1GiB",
                form = Form.SIZE)
        long sizeMin,

        @Key(
                value =
                        "Bytes up to which an answer is compressed. The default is no bound in practice: nothing is gathered, and long answers take turns.",
                absent = "1PiB",
                min = "1B",
                max = "1PiB",
                form = Form.SIZE)
        long sizeMax,

        @Key(
                value =
                        "How hard gzip tries. Of 32 KiB of JSON, 1 leaves 31 % in 0.11 ms, 4 leaves 28 % in 0.19 ms, 6 leaves 27 % in 0.40 ms.",
                absent = "1",
                min = "1",
                max = "9")
        int gzipLevel,

        @Key(
                value =
                        "Memory of what compresses at once, over all loops; while it is reached, answers go as they are. 128MiB are 500 answers at once with gzip, or 400 of 64 KiB at most.",
                absent = "128MiB",
                min = "1MiB",
                max = "1TiB",
                form = Form.SIZE)
        long memoryMax,

        @Key(
                value =
                        "Codings that are offered; of those that a client wants equally the first is taken. Absent: zstd, br and gzip, the cheapest first for what they leave.",
                orOne = true,
                example = "[br, gzip]")
        List<ContentCoding> codings,

        @Key(
                value =
                        "How hard Brotli tries. Of 32 KiB of JSON, 3 leaves 27 % in 0.16 ms, 5 leaves 25 % in 0.6 ms; from 7 on it takes 8 MiB for each answer and more.",
                absent = "3",
                min = "0",
                max = "9")
        int brLevel,

        @Key(
                value =
                        "How hard Zstandard tries. Of 32 KiB of JSON, 1 leaves 27 % in 0.06 ms, 6 leaves 26 % in 0.27 ms and takes four times the memory.",
                absent = "1",
                min = "1",
                max = "9")
        int zstdLevel,

        @Key(
                value =
                        "True: an answer that comes with a coding which its client does not take (gzip, br, zstd) is decoded. Off, since it costs time and memory (16MiB for br at worst), and endpoints are asked for what the client takes anyway.",
                absent = "false")
        boolean decompress,

        @Key(
                value =
                        "Bytes that a decoded answer may have. One that becomes longer is a bomb: 502, or cut when it has begun. 64MiB is more than any page.",
                absent = "64MiB",
                min = "1KiB",
                max = "1PiB",
                form = Form.SIZE)
        long decompressMax,

        @Key(
                value =
                        "How many times as long as it came a decoded answer may be, beyond its first 64 KiB; else as above. Text becomes 3 to 20 times as long, bombs of gzip 1000 times.",
                absent = "200",
                min = "1",
                max = "1000000")
        int decompressRatio) {
    private static final List<MediaRange> TYPES = List.of(
            range("text", "*"),
            range("application", "json"),
            range("application", "javascript"),
            range("application", "xml"),
            range("application", "xhtml+xml"),
            range("application", "rss+xml"),
            range("application", "atom+xml"),
            range("application", "ld+json"),
            range("application", "problem+json"),
            range("application", "manifest+json"),
            range("application", "geo+json"),
            range("application", "graphql-response+json"),
            range("application", "x-ndjson"),
            range("application", "wasm"),
            range("image", "svg+xml"),
            range("font", "ttf"),
            range("font", "otf"));

    public CompressSpec {
        codings = codings.isEmpty() ? List.of(ContentCoding.values()) : List.copyOf(codings);
        types = types.isEmpty() ? TYPES : List.copyOf(types);
    }

    private static MediaRange range(String type, String subtype) {
        return new MediaRange(type, subtype, Map.of());
    }
}
