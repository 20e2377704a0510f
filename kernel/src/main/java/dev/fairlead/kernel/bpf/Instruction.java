package dev.fairlead.kernel.bpf;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// One instruction of the kernel's virtual machine: `struct bpf_insn`, RFC 9669 §3. `map`: whose descriptor stands in
/// the immediate once there is one. `line`: where in Java it comes from.
public record Instruction(
        int code,
        int destination,
        int source,
        int offset,
        int immediate,
        @Nullable MapSpec map,
        String line) {
    static final int BYTES = 8;

    void write(ByteBuffer to, int descriptor) {
        to.put((byte) code);
        to.put((byte) (destination | source << 4));
        to.putShort((short) offset);
        to.putInt(map == null ? immediate : descriptor);
    }

    Instruction jumping(int by) {
        return new Instruction(code, destination, source, by, immediate, map, line);
    }
}
