package dev.fairlead.l4.udp;

import io.netty.util.concurrent.FastThreadLocal;
import org.jspecify.annotations.Nullable;

/// What all lanes of one loop receive and send with: as much memory however many listeners there are. What comes in is
/// gone before the next is received; what goes out waits for its lane to send it, or for another that wants the room.
/// One loop only.
final class Batches {
    private static final FastThreadLocal<Batches> OF_LOOP = new FastThreadLocal<>() {
        @Override
        protected Batches initialValue() {
            return new Batches();
        }

        @Override
        protected void onRemoval(Batches batches) {
            batches.in.release();
            batches.out.release();
        }
    };

    private final Slots in = new Slots();
    private final Slots out = new Slots();
    private @Nullable BatchedSockets writer;

    private Batches() {}

    static Batches ofThisLoop() {
        return OF_LOOP.get();
    }

    Slots in() {
        return in;
    }

    /// For one who has claimed it.
    Slots out() {
        return out;
    }

    /// What goes out is of this one from now on. The one before sends what it has there.
    void claim(BatchedSockets next) {
        BatchedSockets before = writer;
        if (before != next) {
            writer = next;
            if (before != null) {
                before.flush();
            }
        }
    }

    /// It sends nothing any more.
    void leave(BatchedSockets last) {
        if (writer == last) {
            writer = null;
        }
    }
}
