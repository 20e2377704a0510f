package dev.fairlead.http.compress;

import java.nio.ByteBuffer;

/// What changes the coding of one body at a time, piece by piece, and has no more of it in its hands than it needs.
/// One loop.
interface Coder {
    enum Goal {
        /// Take what there is; when something comes out is the coder's choice.
        TAKE,
        /// Let all that was taken come out.
        FLUSH,
        /// The body is over.
        END
    }

    enum Step {
        /// The goal is reached, and all of `in` is taken.
        REACHED,
        /// There is more to come out than fits: call again with the same goal.
        FULL,
        /// Of a decoder: what came is not of this coding. It is not called again.
        BROKEN
    }

    Coding coding();

    /// How hard it tries.
    int level();

    /// Whether it is for bodies of which all is there.
    default boolean isForWhole() {
        return false;
    }

    /// A new body begins.
    void begin();

    /// Whether another body may follow.
    boolean isReusable();

    /// One step towards the goal, from `in` into `out`, both direct: moves the positions of both. With [Goal#TAKE]
    /// alone something is in `in`.
    Step step(Goal goal, ByteBuffer in, ByteBuffer out);

    /// Gives back its memory. Nothing more is called.
    void close();
}
