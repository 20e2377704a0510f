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
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// How a file of the disk tier is written: one key with all of its variants. First [#PREFIX] bytes with the length of
/// the heads and checksums of heads and bodies, then the heads, then the bodies, so that a purge reads no bodies.
/// What is cut off, written over or of another version is no file at all. Pure.
final class DiskForm {
    /// Version included: what another wrote is left unread.
    private static final int MAGIC = 0x464c4331;

    static final int PREFIX = 16;
    private static final int HEADS_MAX = 64 << 20;

    private DiskForm() {}

    /// What a file says. Without bodies if only the heads were read.
    record Content(String key, Entry[] variants) {}

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
                .putInt(checksum(heads, 0, heads.length))
                .putInt((int) bodies.getValue())
                .flip();
        return pieces.toArray(ByteBuffer[]::new);
    }

    private static int checksum(byte[] bytes, int from, int to) {
        var sum = new CRC32C();
        sum.update(bytes, from, to - from);
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

    /// The length of the heads, by the file's first bytes; -1 when they are none.
    static int headsLength(ByteBuffer prefix) {
        if (prefix.remaining() < PREFIX || prefix.getInt(0) != MAGIC) {
            return -1;
        }
        int length = prefix.getInt(4);
        return length < 0 || length > HEADS_MAX ? -1 : length;
    }

    /// Reads the bytes of a file, or those of its beginning up to the end of the heads; null when they are not what was
    /// written.
    static @Nullable Content read(byte[] file, boolean withBodies) {
        ByteBuffer in = ByteBuffer.wrap(file);
        int length = headsLength(in);
        int bodies = PREFIX + length;
        if (length < 0
                || bodies > file.length
                || in.getInt(8) != checksum(file, PREFIX, bodies)
                || withBodies && in.getInt(12) != checksum(file, bodies, file.length)) {
            return null;
        }
        try {
            ByteBuffer heads = in.slice(PREFIX, length);
            String key = text(heads);
            Entry[] variants = new Entry[heads.getInt()];
            in.position(bodies);
            for (int i = 0; i < variants.length; i++) {
                variants[i] = entry(heads, withBodies ? in : null);
            }
            return withBodies && in.hasRemaining() ? null : new Content(key, variants);
        } catch (BufferUnderflowException | IllegalArgumentException | NegativeArraySizeException malformed) {
            return null;
        }
    }

    private static Entry entry(ByteBuffer heads, @Nullable ByteBuffer bodies) {
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
        long size = heads.getLong();
        byte[] body = new byte[bodies == null ? 0 : Math.toIntExact(size)];
        if (bodies != null) {
            bodies.get(body);
        }
        return new Entry(head, Body.of(body), freshness, vary);
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
