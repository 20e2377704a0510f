package dev.fairlead.admin;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/// The body of an answer on its way. A short one is sent with its length; a long one in pieces, between which other
/// requests have their turn: virtual threads are not interrupted, and there are no more carriers than processors.
/// HTTP/1.0 has no pieces: there it is gathered, for without its length a body that was cut would look whole.
final class Body extends OutputStream {
    private static final int PIECE_BYTES = 64 << 10;

    private final HttpExchange exchange;
    private final int status;
    private final boolean isLeftOut;
    private final boolean isGathered;
    private byte[] piece = new byte[PIECE_BYTES];
    private int length;
    private long passed;
    private boolean hasBegun;

    Body(HttpExchange exchange, int status) {
        this.exchange = exchange;
        this.status = status;
        this.isLeftOut = exchange.getRequestMethod().equals("HEAD");
        this.isGathered = !isLeftOut && exchange.getProtocol().equalsIgnoreCase("HTTP/1.0");
    }

    /// Whether the client has got something of it: nothing else can be answered any more.
    boolean hasBegun() {
        return hasBegun;
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
        for (int done = 0; done < count; ) {
            if (length == piece.length) {
                if (isGathered) {
                    piece = Arrays.copyOf(piece, 2 * length);
                } else {
                    pass();
                }
            }
            int some = Math.min(count - done, piece.length - length);
            System.arraycopy(bytes, from + done, piece, length, some);
            length += some;
            done += some;
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // Nothing but fairness depends on it.
    private void pass() throws IOException {
        if (!isLeftOut) {
            if (!hasBegun) {
                hasBegun = true;
                exchange.sendResponseHeaders(status, 0);
            }
            exchange.getResponseBody().write(piece, 0, length);
        }
        passed += length;
        length = 0;
        Thread.yield();
    }

    /// There is no more of it.
    void end() throws IOException {
        if (isLeftOut) {
            exchange.getResponseHeaders().set("Content-Length", Long.toString(passed + length));
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        if (hasBegun) {
            pass();
            exchange.getResponseBody().close();
            return;
        }
        hasBegun = true;
        exchange.sendResponseHeaders(status, length == 0 ? -1 : length);
        exchange.getResponseBody().write(piece, 0, length);
    }
}
