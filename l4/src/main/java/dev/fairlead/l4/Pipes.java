package dev.fairlead.l4;

import dev.fairlead.sys.Pipe;
import dev.fairlead.sys.Transfer;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// What the spliced relays of one loop share: the calls with their buffer, and pipes to borrow. A pipe is lent only
/// while bytes are in it or come in a stream, so few are needed. This loop only.
final class Pipes {
    /// A mebibyte is what an unprivileged process may ask for, and halves the CPU of the 64 KiB that a pipe has.
    static final int PIPE_BYTES = 1 << 20;

    /// More would meet `pipe-user-pages-soft` (64 MiB of pipes for each user) with a few loops; whoever finds none
    /// goes on copying.
    private static final int PIPES_MAX = 16;

    private static final FastThreadLocal<Pipes> OF_LOOP = new FastThreadLocal<>() {
        @Override
        protected Pipes initialValue() {
            return new Pipes();
        }

        @Override
        protected void onRemoval(Pipes pipes) {
            pipes.free.forEach(Pipe::close);
        }
    };

    private final Transfer transfer = new Transfer();
    private final ArrayDeque<Pipe> free = new ArrayDeque<>();
    private int lent;

    private Pipes() {}

    static Pipes ofThisLoop() {
        return OF_LOOP.get();
    }

    Transfer transfer() {
        return transfer;
    }

    /// An empty pipe; null when all are lent.
    @Nullable
    Pipe borrow() {
        if (lent == PIPES_MAX) {
            return null;
        }
        Pipe pipe = free.poll();
        if (pipe == null) {
            pipe = Pipe.open(PIPE_BYTES);
        }
        if (pipe != null) {
            lent++;
        }
        return pipe;
    }

    /// Gives a pipe back; one that is not empty has bytes in it which nobody wants.
    void giveBack(Pipe pipe, boolean isEmpty) {
        lent--;
        if (isEmpty) {
            free.push(pipe);
        } else {
            pipe.close();
        }
    }
}
