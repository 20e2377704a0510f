package dev.fairlead.kernel.bpf;

import java.util.ArrayList;
import java.util.List;

/// The fields of a structure, one behind the other. Both sides go by it: the program inside Linux, and Java where it
/// reads and writes maps. Numbers lie at multiples of their size, as processors and the verifier like it.
public final class Layout {
    private final List<Field> fields = new ArrayList<>();
    private int bytes;
    private String each = "";

    public Field u8(String name) {
        return field(name, 1, 1);
    }

    public Field u16(String name) {
        return field(name, 2, 2);
    }

    public Field u32(String name) {
        return field(name, 4, 4);
    }

    public Field u64(String name) {
        return field(name, 8, 8);
    }

    /// Bytes that are no number, such as an address. They may begin anywhere.
    public Field bytes(String name, int count) {
        return field(name, count, 1);
    }

    private Field field(String name, int size, int alignment) {
        int at = (bytes + alignment - 1) / alignment * alignment;
        Field field = new Field(name, at, size);
        fields.add(field);
        bytes = at + size;
        return field;
    }

    public List<Field> fields() {
        return List.copyOf(fields);
    }

    /// So many structures of this one in a row, as one field.
    public Layout inRow(String name, int count) {
        Layout row = new Layout();
        row.bytes(name, size() * count);
        row.each = " of " + this;
        return row;
    }

    /// Its fields and where they lie: what two who share a structure have to agree on.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("{");
        for (Field field : fields) {
            text.append(field.name())
                    .append('@')
                    .append(field.offset())
                    .append('+')
                    .append(field.bytes())
                    .append(' ');
        }
        return text.append('}').append(each).toString();
    }

    /// The size of the structure, a multiple of 8, so that it can be cleared word by word.
    public int size() {
        return (bytes + 7) / 8 * 8;
    }
}
