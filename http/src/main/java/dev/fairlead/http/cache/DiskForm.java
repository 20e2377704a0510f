package dev.fairlead.http.cache;

import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.ResponseHead;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// How a file of the disk tier is written: one key with all of its variants. First [#PREFIX] bytes with the length of
/// the heads and checksums of heads and bodies, then the heads, then the bodies, so that a purge reads no bodies.
/// What is cut off, written over or of another version is no file at all. Pure.
final class DiskForm {
    /// Version included: what another wrote is left unread.
    private static final int MAGIC = 0x464c4332;

    static final int PREFIX = 16;
    private static final int HEADS_MAX = 64 << 20;

    private DiskForm() {}

    /// How long the heads are, and the checksums of heads and bodies.
    record Prefix(int length, int headsSum, int bodiesSum) {
        /// Where the bodies begin.
        int bodies() {
            return PREFIX + length;
        }

        boolean isOf(CRC32C bodies) {
            return bodiesSum == (int) bodies.getValue();
        }
    }

    /// What a file says: variants without their bodies, and how long each of those is.
    record Content(String key, Entry[] variants, long[] sizes) {
        /// Of what is in memory still.
        static Content of(String key, Entry[] variants) {
            return new Content(key, variants, new long[variants.length]);
        }

        /// The bytes of all bodies.
        long size() {
            return LongStream.of(sizes).sum();
        }

        /// With the bodies, of which the first stands there.
        Content with(long from, Bodies bodies) {
            Entry[] all = new Entry[variants.length];
            long at = from;
            for (int i = 0; i < all.length; i++) {
                all[i] = variants[i].with(bodies.body(at, (int) sizes[i]));
                at += sizes[i];
            }
            return new Content(key, all, sizes);
        }
    }

    interface Bodies {
        Body body(long at, int size);
    }

    /// The pieces of the file. The caller holds the bodies until it is written.
    static ByteBuffer[] of(String key, Entry[] variants) {
        List<ByteBuffer> pieces = new ArrayList<>();
        pieces.add(ByteBuffer.allocate(PREFIX));
        byte[] heads = heads(key, variants);
        pieces.add(ByteBuffer.wrap(heads));
        var bodies = new CRC32C();
        for (Entry each : variants) {
            for (int i = 0; i < each.body().count(); i++) {
                bodies.update(each.body().view(i));
                pieces.add(each.body().view(i));
            }
        }
        pieces.getFirst()
                .putInt(MAGIC)
                .putInt(heads.length)
                .putInt(checksum(heads))
                .putInt((int) bodies.getValue())
                .flip();
        return pieces.toArray(ByteBuffer[]::new);
    }

    private static int checksum(byte[] bytes) {
        var sum = new CRC32C();
        sum.update(bytes);
        return (int) sum.getValue();
    }

    private static byte[] heads(String key, Entry[] variants) {
        var bytes = new ByteArrayOutputStream(1024);
        try (var out = new DataOutputStream(bytes)) {
            text(key, out);
            out.writeInt(variants.length);
            for (Entry each : variants) {
                head(each, out);
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    private static void head(Entry entry, DataOutputStream out) throws IOException {
        Freshness freshness = entry.freshness();
        out.writeLong(freshness.lifetime());
        out.writeLong(freshness.ageAtReceipt());
        out.writeLong(freshness.receivedSeconds());
        out.writeLong(freshness.whileRevalidate());
        out.writeLong(freshness.ifError());
        out.writeBoolean(freshness.alwaysAsk());
        out.writeBoolean(freshness.strict());
        texts(entry.vary().names(), out);
        texts(entry.vary().values(), out);
        ResponseHead head = entry.head();
        out.writeInt(head.status());
        out.writeLong(head.contentLength());
        out.writeBoolean(head.isBodiless());
        Fields fields = head.fields();
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < fields.count(); i++) {
            if (fields.isThere(i)) {
                lines.add(fields.nameText(i));
                lines.add(fields.valueText(i));
            }
        }
        texts(lines, out);
        out.writeLong(entry.body().size());
    }

    private static void texts(List<String> all, DataOutputStream out) throws IOException {
        out.writeInt(all.size());
        for (String each : all) {
            text(each, out);
        }
    }

    private static void text(String text, DataOutputStream out) throws IOException {
        out.writeInt(text.length());
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /// A file's first bytes; null when they are none.
    static @Nullable Prefix prefix(ByteBuffer first) {
        if (first.remaining() < PREFIX || first.getInt(0) != MAGIC) {
            return null;
        }
        int length = first.getInt(4);
        return length < 0 || length > HEADS_MAX ? null : new Prefix(length, first.getInt(8), first.getInt(12));
    }

    /// Reads the heads; null when they are not what was written.
    static @Nullable Content read(Prefix prefix, byte[] heads) {
        if (heads.length != prefix.length || prefix.headsSum != checksum(heads)) {
            return null;
        }
        try {
            ByteBuffer in = ByteBuffer.wrap(heads);
            String key = text(in);
            Entry[] variants = new Entry[in.getInt()];
            long[] sizes = new long[variants.length];
            for (int i = 0; i < variants.length; i++) {
                variants[i] = entry(in);
                sizes[i] = in.getLong();
            }
            boolean isSound = LongStream.of(sizes).allMatch(size -> size >= 0 && size <= Integer.MAX_VALUE);
            return in.hasRemaining() || !isSound ? null : new Content(key, variants, sizes);
        } catch (BufferUnderflowException | IllegalArgumentException | NegativeArraySizeException malformed) {
            return null;
        }
    }

    private static Entry entry(ByteBuffer heads) {
        var freshness = new Freshness(
                heads.getLong(),
                heads.getLong(),
                heads.getLong(),
                heads.getLong(),
                heads.getLong(),
                heads.get() != 0,
                heads.get() != 0);
        Vary vary = Vary.of(texts(heads), texts(heads));
        var head = new ResponseHead();
        head.status(heads.getInt(), 0, 0);
        head.contentLength(heads.getLong());
        head.bodiless(heads.get() != 0);
        List<String> lines = texts(heads);
        for (int i = 0; i < lines.size(); i += 2) {
            byte[] value = lines.get(i + 1).getBytes(StandardCharsets.ISO_8859_1);
            byte[] name = lines.get(i).getBytes(StandardCharsets.ISO_8859_1);
            head.fields().add(FieldName.of(lines.get(i)), name, value, 0, value.length);
        }
        return new Entry(head, Body.of(new byte[0]), freshness, vary);
    }

    private static List<String> texts(ByteBuffer in) {
        int count = in.getInt();
        List<String> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(text(in));
        }
        return all;
    }

    private static String text(ByteBuffer in) {
        int length = in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
