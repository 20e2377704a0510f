package dev.fairlead.kernel.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/// A program that was written and not yet loaded. `hook`: where it is to run. `body`: how it was written.
public record Program(String name, Hook hook, List<Instruction> instructions, Consumer<Code> body) {
    public Program {
        instructions = List.copyOf(instructions);
    }

    /// The maps that it uses, each once.
    public List<MapSpec> maps() {
        return instructions.stream()
                .map(Instruction::map)
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .distinct()
                .toList();
    }

    /// The same, and each instruction knows which line of Java it comes from. To find that out takes as long as all the
    /// rest: only who has to tell of a mistake wants to know.
    public Program withLines() {
        return Code.write(name, hook, body, new Assembler(true));
    }

    /// As Linux takes it, with the maps' descriptors in their places.
    byte[] encode(ToIntFunction<MapSpec> descriptors) {
        ByteBuffer code =
                ByteBuffer.allocate(instructions.size() * Instruction.BYTES).order(ByteOrder.nativeOrder());
        for (Instruction each : instructions) {
            MapSpec map = each.map();
            each.write(code, map == null ? 0 : descriptors.applyAsInt(map));
        }
        return code.array();
    }
}
