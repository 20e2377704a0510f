package dev.fairlead.kernel.bpf;

/// A structure on the program's stack.
public record Area(String name, int offset, int size) {
    public Value.Place at(Field field) {
        return new Value.Place(Base.Frame.FRAME, offset + field.offset(), field.bytes());
    }

    /// A number of `bytes` at an offset in it.
    public Value.Place at(int from, int bytes) {
        return new Value.Place(Base.Frame.FRAME, offset + from, bytes);
    }

    public Value address() {
        return new Value.Address(Base.Frame.FRAME, offset);
    }
}
