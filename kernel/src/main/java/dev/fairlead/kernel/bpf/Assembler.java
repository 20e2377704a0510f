package dev.fairlead.kernel.bpf;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Instructions one behind the other, and the places that jumps go to.
final class Assembler {
    private static final int JUMP = 0x05;
    private static final int EXIT = 0x95;
    private static final int WIDE = 0x18;
    private static final int MAP_DESCRIPTOR = 1;

    private final List<Instruction> all = new ArrayList<>();
    private final Map<Integer, Label> jumps = new HashMap<>();
    private final boolean knowsLines;
    private String line = "?";
    private boolean isReachable = true;

    /// A place that is jumped to, from before it; known once it was marked.
    static final class Label {
        private int at = -1;
        private boolean isUsed;
    }

    /// `knowsLines`: whether each instruction knows the line of Java that asked for it.
    Assembler(boolean knowsLines) {
        this.knowsLines = knowsLines;
    }

    /// What follows belongs to the line of Java that asked for it.
    void noteLine() {
        if (!knowsLines) {
            return;
        }
        line = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                .walk(frames -> frames.filter(
                                each -> each.getDeclaringClass().getPackage() != Assembler.class.getPackage()
                                        || each.getFileName() != null
                                                && each.getFileName().endsWith("Test.java"))
                        .findFirst()
                        .map(each -> each.getFileName() + ":" + each.getLineNumber())
                        .orElse("?"));
    }

    void emit(int code, int destination, int source, int offset, int immediate) {
        add(code, destination, source, offset, immediate, null);
    }

    private void add(int code, int destination, int source, int offset, int immediate, @Nullable MapSpec map) {
        // Linux refuses a program with instructions that nothing gets to.
        if (!isReachable) {
            return;
        }
        all.add(new Instruction(code, destination, source, offset, immediate, map, line));
    }

    void wide(int destination, long number) {
        add(WIDE, destination, 0, 0, (int) number, null);
        add(0, 0, 0, 0, (int) (number >>> 32), null);
    }

    void map(int destination, MapSpec map) {
        add(WIDE, destination, MAP_DESCRIPTOR, 0, 0, map);
        add(0, 0, 0, 0, 0, null);
    }

    void exit() {
        emit(EXIT, 0, 0, 0, 0);
        isReachable = false;
    }

    void jump(Label to) {
        jump(JUMP, 0, 0, 0, to);
        isReachable = false;
    }

    void jump(int code, int destination, int source, int immediate, Label to) {
        if (!isReachable) {
            return;
        }
        to.isUsed = true;
        jumps.put(all.size(), to);
        emit(code, destination, source, 0, immediate);
    }

    void mark(Label label) {
        label.at = all.size();
        isReachable |= label.isUsed;
    }

    List<Instruction> instructions() {
        List<Instruction> done = new ArrayList<>(all);
        jumps.forEach((from, to) -> {
            if (to.at < 0) {
                throw new IllegalStateException(
                        "a jump to nowhere at " + all.get(from).line());
            }
            done.set(from, done.get(from).jumping(to.at - from - 1));
        });
        return done;
    }
}
