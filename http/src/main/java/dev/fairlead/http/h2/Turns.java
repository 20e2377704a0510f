package dev.fairlead.http.h2;

import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.StreamByteDistributor;
import java.util.ArrayDeque;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Whose turn it is to send on a connection (RFC 9218 §10): streams of the most urgent kind that have something to
/// send and may; among these one after the other, a piece each. Those that are of no use before they are whole, as
/// their client says, have one long turn. One loop.
final class Turns implements StreamByteDistributor {
    private static final int URGENCIES = 8;
    private static final int PIECE = 16 << 10;

    private final Http2Connection.PropertyKey key;
    private final List<ArrayDeque<Turn>> waiting = queues();
    private long sentBytes;

    Turns(Http2Connection connection) {
        key = connection.newKey();
        connection.connectionStream().setProperty(key, new Turn(connection.connectionStream()));
        connection.addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamAdded(Http2Stream stream) {
                stream.setProperty(key, new Turn(stream));
            }

            @Override
            public void onStreamClosed(Http2Stream stream) {
                of(stream).close();
            }
        });
    }

    private static List<ArrayDeque<Turn>> queues() {
        return Stream.generate(ArrayDeque<Turn>::new).limit(URGENCIES).toList();
    }

    /// What the client said of this stream.
    void prioritize(Http2Stream stream, Priority priority) {
        Turn turn = of(stream);
        turn.leave();
        turn.urgency = priority.urgency();
        turn.piece = priority.isIncremental() ? PIECE : Integer.MAX_VALUE;
        turn.join();
    }

    /// Bytes that wait to be sent.
    long pending(Http2Stream stream) {
        StreamState state = of(stream).state;
        return state == null ? 0 : state.pendingBytes();
    }

    /// Bytes that were sent on all streams.
    long sentBytes() {
        return sentBytes;
    }

    private Turn of(Http2Stream stream) {
        return stream.getProperty(key);
    }

    @Override
    public void updateStreamableBytes(StreamState state) {
        Turn turn = of(state.stream());
        turn.state = state;
        turn.join();
    }

    /// Of RFC 7540; nobody's any more.
    @Override
    public void updateDependencyTree(int child, int parent, short weight, boolean exclusive) {}

    @Override
    public boolean distribute(int bytes, Writer writer) throws Http2Exception {
        int left = bytes;
        for (ArrayDeque<Turn> queue : waiting) {
            // Who has had a turn and has more to send stands at the end again: once around is enough.
            for (int turns = queue.size(); turns > 0; turns--) {
                Turn turn = queue.peekFirst();
                if (turn == null) {
                    break;
                }
                int size = turn.streamable();
                if (left == 0 && size > 0) {
                    return true;
                }
                queue.pollFirst();
                turn.isWaiting = false;
                int piece = Math.min(Math.min(size, turn.piece), left);
                left -= piece;
                sentBytes += piece;
                turn.write(piece, writer);
            }
            if (!queue.isEmpty() && left > 0) {
                return true;
            }
        }
        return false;
    }

    /// One stream's. Waits while it has a frame that may be sent.
    private final class Turn {
        private final Http2Stream stream;
        private @Nullable StreamState state;
        private int urgency = Priority.NONE.urgency();
        private int piece = PIECE;
        private boolean isWaiting;
        private boolean isWriting;
        private boolean isClosed;

        Turn(Http2Stream stream) {
            this.stream = stream;
        }

        int streamable() {
            StreamState now = state;
            return now == null ? 0 : (int) Math.max(0, Math.min(now.pendingBytes(), now.windowSize()));
        }

        /// A frame without bytes needs no window, but not in its own turn: then it has just been tried.
        void join() {
            StreamState now = state;
            if (isWaiting || isClosed || now == null || !now.hasFrame() || now.windowSize() < 0) {
                return;
            }
            if (now.windowSize() > 0 || !isWriting) {
                isWaiting = true;
                waiting.get(urgency).addLast(this);
            }
        }

        void leave() {
            if (isWaiting) {
                isWaiting = false;
                waiting.get(urgency).remove(this);
            }
        }

        void write(int bytes, Writer writer) throws Http2Exception {
            StreamState now = state;
            if (now == null || now.windowSize() < 0) {
                return;
            }
            isWriting = true;
            try {
                writer.write(stream, bytes);
            } catch (RuntimeException broken) {
                throw Http2Exception.connectionError(Http2Error.INTERNAL_ERROR, broken, "writing failed");
            } finally {
                isWriting = false;
            }
        }

        void close() {
            leave();
            isClosed = true;
        }
    }
}
