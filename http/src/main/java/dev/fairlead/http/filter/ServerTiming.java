package dev.fairlead.http.filter;

import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.ResponseFilter;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.ResponseHead;
import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;

/// Says in `Server-Timing` (W3C Server Timing §3) how long a response's head took: the endpoint from the request's
/// head to it, and Fairlead with all the rest. One thread.
public final class ServerTiming implements ResponseFilter {
    private static final byte[] FAIRLEAD = "fairlead;dur=".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] UPSTREAM = ", upstream;dur=".getBytes(StandardCharsets.US_ASCII);

    private final LongSupplier nanoTime;
    private final Bytes scratch = new Bytes(64);

    public ServerTiming(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    @Override
    public void change(Exchange exchange, ResponseHead head) {
        long all = nanoTime.getAsLong() - exchange.startNanos();
        boolean isAnswered = exchange.firstByteNanos() != 0;
        long upstream = isAnswered ? exchange.firstByteNanos() - exchange.sentNanos() : 0;
        scratch.clear().put(FAIRLEAD);
        millis(Math.max(0, all - upstream));
        if (isAnswered) {
            scratch.put(UPSTREAM);
            millis(upstream);
        }
        head.fields().add(FieldName.SERVER_TIMING, scratch.array(), 0, scratch.length());
    }

    /// Milliseconds with one decimal: finer ones would serve those who measure what they ought not to know.
    private void millis(long nanos) {
        long tenths = nanos / 100_000;
        scratch.putDecimal(tenths / 10).put((byte) '.').put((byte) ('0' + tenths % 10));
    }
}
