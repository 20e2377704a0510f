package dev.fairlead.http.message;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The fields of a head, as bytes. Each is one line `name: value CRLF` in a shared array, known by where its parts
/// begin and end; nothing becomes a String unless somebody asks. Removing a field forgets its line; adding one
/// appends a line. So a head that is passed on is a few copies of long runs. A start line may stand before the
/// fields: the head that owns it knows where.
///
/// Used again for the next head of a connection after [#clear]. One thread.
public final class Fields {
    private static final int SPAN = 5;
    private static final int LINE = 0;
    private static final int NAME_END = 1;
    private static final int VALUE = 2;
    private static final int VALUE_END = 3;
    private static final int LINE_END = 4;
    private static final int REMOVED = -1;

    private byte[] bytes = new byte[1024];
    private int length;
    private int[] spans = new int[24 * SPAN];
    private @Nullable FieldName[] names = new FieldName[24];
    private int count;
    private long present;

    public void clear() {
        length = 0;
        count = 0;
        present = 0;
        if (bytes.length > 16 << 10) {
            // One large head must not keep its memory for the connection's life.
            bytes = new byte[1024];
        }
    }

    /// The same in arrays of their own.
    public Fields copy() {
        var copy = new Fields();
        copy.copyFrom(this);
        return copy;
    }

    /// Becomes the same as `from`, in arrays of its own, no larger than they must be: a cache has many.
    void copyFrom(Fields from) {
        bytes = Arrays.copyOf(from.bytes, from.length);
        length = from.length;
        spans = Arrays.copyOf(from.spans, from.count * SPAN);
        names = Arrays.copyOf(from.names, from.count);
        count = from.count;
        present = from.present;
    }

    /// Becomes the same as `from`, in the arrays that are there if they are large enough.
    void become(Fields from) {
        length = 0;
        ensure(from.length);
        System.arraycopy(from.bytes, 0, bytes, 0, from.length);
        length = from.length;
        if (spans.length < from.count * SPAN) {
            // With room for what is added to it.
            int room = Math.max(24, from.count * 2);
            spans = new int[room * SPAN];
            names = new FieldName[room];
        }
        System.arraycopy(from.spans, 0, spans, 0, from.count * SPAN);
        System.arraycopy(from.names, 0, names, 0, from.count);
        count = from.count;
        present = from.present;
    }

    /// The array under all lines, valid up to [#length].
    public byte[] bytes() {
        return bytes;
    }

    public int length() {
        return length;
    }

    /// Appends bytes as they come from a socket; [#line] says later what they are.
    public void append(ByteBuf from, int size) {
        ensure(size);
        from.readBytes(bytes, length, size);
        length += size;
    }

    /// Forgets bytes at the end that belong to no line: what followed the head.
    public void truncate(int newLength) {
        assert newLength <= length;
        length = newLength;
    }

    /// Adds the field whose line is already in the array.
    public void line(@Nullable FieldName name, int line, int nameEnd, int value, int valueEnd, int lineEnd) {
        if (count == names.length) {
            int room = Math.max(8, count * 2);
            names = Arrays.copyOf(names, room);
            spans = Arrays.copyOf(spans, room * SPAN);
        }
        int at = count * SPAN;
        spans[at + LINE] = line;
        spans[at + NAME_END] = nameEnd;
        spans[at + VALUE] = value;
        spans[at + VALUE_END] = valueEnd;
        spans[at + LINE_END] = lineEnd;
        names[count++] = name;
        present |= name == null ? 0 : name.bit();
    }

    /// Puts bytes into the array that are no field: a target, say. Where they begin.
    public int put(byte[] from, int start, int end) {
        ensure(end - start);
        System.arraycopy(from, start, bytes, length, end - start);
        length += end - start;
        return length - (end - start);
    }

    /// Removes every field of this name, given in lower case.
    public void removeAll(@Nullable FieldName known, byte[] lower) {
        if (known != null) {
            removeAll(known);
            return;
        }
        removeAll(lower);
    }

    /// Adds a field at the end. A value that could end its line, and begin another, is a mistake of the caller: an
    /// [IllegalArgumentException], so that no way of putting a message together can be made to split it.
    public void add(FieldName name, byte[] value, int from, int to) {
        add(name, name.lower(), value, from, to);
    }

    public void add(FieldName name, String value) {
        byte[] ascii = value.getBytes(StandardCharsets.US_ASCII);
        add(name, ascii, 0, ascii.length);
    }

    public void add(@Nullable FieldName name, byte[] text, byte[] value, int from, int to) {
        assertOneLine(name, text, value, from, to);
        int size = to - from;
        ensure(text.length + size + 4);
        int line = length;
        System.arraycopy(text, 0, bytes, line, text.length);
        int nameEnd = line + text.length;
        bytes[nameEnd] = ':';
        bytes[nameEnd + 1] = ' ';
        System.arraycopy(value, from, bytes, nameEnd + 2, size);
        int valueEnd = nameEnd + 2 + size;
        bytes[valueEnd] = '\r';
        bytes[valueEnd + 1] = '\n';
        length = valueEnd + 2;
        line(name, line, nameEnd, nameEnd + 2, valueEnd, length);
    }

    private static void assertOneLine(@Nullable FieldName name, byte[] text, byte[] value, int from, int to) {
        boolean good = true;
        for (int i = from; i < to; i++) {
            good &= Ascii.isValue(value[i]);
        }
        for (int i = 0; name == null && i < text.length; i++) {
            good &= Ascii.isToken(text[i]);
        }
        if (!good) {
            throw new IllegalArgumentException("no field: " + new String(text, StandardCharsets.ISO_8859_1));
        }
    }

    /// Puts a byte that belongs to no field behind all lines, and says where it is.
    public int place(byte b) {
        ensure(1);
        bytes[length] = b;
        return length++;
    }

    /// Fields ever added; those that were removed keep their number. Go through them with [#isThere].
    public int count() {
        return count;
    }

    public boolean isThere(int field) {
        return spans[field * SPAN + LINE] != REMOVED;
    }

    public @Nullable FieldName name(int field) {
        return names[field];
    }

    /// False when there surely is none; true when there is, or was one that is removed.
    public boolean mayHave(FieldName name) {
        return (present & name.bit()) != 0;
    }

    public boolean mayHaveAnyOf(long bits) {
        return (present & bits) != 0;
    }

    /// The number of the first field with this name, or -1.
    public int find(FieldName name) {
        return findAfter(-1, name);
    }

    /// The number of the next field with this name, or -1.
    public int findAfter(int field, FieldName name) {
        if (mayHave(name)) {
            for (int i = field + 1; i < count; i++) {
                if (names[i] == name && isThere(i)) {
                    return i;
                }
            }
        }
        return -1;
    }

    /// The number of the next field that has no [FieldName], by its name in lower case, or -1.
    public int findAfter(int field, byte[] lowerName) {
        for (int i = field + 1; i < count; i++) {
            if (names[i] == null && isThere(i) && Ascii.equalsIgnoreCase(bytes, nameStart(i), nameEnd(i), lowerName)) {
                return i;
            }
        }
        return -1;
    }

    public void remove(int field) {
        spans[field * SPAN + LINE] = REMOVED;
    }

    public void removeAll(FieldName name) {
        for (int i = find(name); i >= 0; i = findAfter(i, name)) {
            remove(i);
        }
    }

    /// Removes fields that have no [FieldName], by their name in lower case (RFC 9110 §5.1: case does not matter).
    public void removeAll(byte[] lowerName) {
        for (int i = findAfter(-1, lowerName); i >= 0; i = findAfter(i, lowerName)) {
            remove(i);
        }
    }

    public int nameStart(int field) {
        return spans[field * SPAN + LINE];
    }

    public int nameEnd(int field) {
        return spans[field * SPAN + NAME_END];
    }

    public int valueStart(int field) {
        return spans[field * SPAN + VALUE];
    }

    public int valueEnd(int field) {
        return spans[field * SPAN + VALUE_END];
    }

    public String nameText(int field) {
        return text(nameStart(field), nameEnd(field));
    }

    public String valueText(int field) {
        return text(valueStart(field), valueEnd(field));
    }

    /// The value of the first field with this name, or null.
    public @Nullable String valueText(FieldName name) {
        int field = find(name);
        return field < 0 ? null : valueText(field);
    }

    public String text(int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    /// Puts the lines of all fields that are there, in order.
    public void putLines(Bytes out) {
        putLines(out, 0, 0);
    }

    /// Puts `[start, startEnd)` of the array, a start line that is passed on as it came, and then the lines of all
    /// fields that are there. What lies together is copied together.
    public void putLines(Bytes out, int start, int startEnd) {
        int from = start;
        int to = startEnd;
        for (int i = 0; i < count; i++) {
            int line = spans[i * SPAN + LINE];
            if (line == REMOVED) {
                continue;
            }
            if (line != to) {
                out.put(bytes, from, to);
                from = line;
            }
            to = spans[i * SPAN + LINE_END];
        }
        out.put(bytes, from, to);
    }

    private void ensure(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
