package dev.fairlead.http.cache;

import java.util.Arrays;

/// The bytes of a response while they come and afterwards, in pieces. The loop that fills it appends; any loop reads
/// what is there, and is told by the fill when there is more.
final class Body {
    enum State {
        GROWING,
        WHOLE,
        /// It will not be whole.
        BROKEN
    }

    private byte[][] pieces = new byte[4][];
    /// Published last: what is before it can be seen by whoever has read it.
    private volatile int count;

    private volatile long size;
    private volatile State state = State.GROWING;

    static Body of(byte[] all) {
        var body = new Body();
        if (all.length > 0) {
            body.append(all);
        }
        body.state = State.WHOLE;
        return body;
    }

    void append(byte[] piece) {
        int at = count;
        byte[][] all = pieces;
        if (at == all.length) {
            all = Arrays.copyOf(all, at * 2);
            pieces = all;
        }
        all[at] = piece;
        long before = size;
        size = before + piece.length;
        count = at + 1;
    }

    void end(State how) {
        state = how;
    }

    /// One that is whole, in one piece: many small arrays would weigh more.
    Body compact() {
        if (count <= 1) {
            return this;
        }
        byte[] all = new byte[(int) size];
        int at = 0;
        for (int i = 0; i < count; i++) {
            System.arraycopy(pieces[i], 0, all, at, pieces[i].length);
            at += pieces[i].length;
        }
        return of(all);
    }

    /// Nobody reads the pieces before this one any more.
    void forget(int before) {
        for (int i = before - 1; i >= 0 && pieces[i].length > 0; i--) {
            pieces[i] = new byte[0];
        }
    }

    int count() {
        return count;
    }

    byte[] piece(int i) {
        return pieces[i];
    }

    long size() {
        return size;
    }

    /// Bytes of the pieces from this one on.
    long size(int from) {
        long all = 0;
        for (int i = from; i < count; i++) {
            all += pieces[i].length;
        }
        return all;
    }

    State state() {
        return state;
    }
}
