package dev.fairlead.it;

import java.io.IOException;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// Clients that ask one thing after the other, as fast as they are answered, over connections that they keep as
/// long as they may. Anything but a whole 200 is a failure; so is a connection that ends without having said so. A
/// refused connection ends a client: whether that was in order, [#refused] lets a test decide.
final class Load implements AutoCloseable {
    /// Whoever has said nothing for so long may be left, in a drain: it says nothing of a client that stood still.
    private static final long LATE_NANOS = 500_000_000L;

    private final int port;
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final List<String> failures = Collections.synchronizedList(new ArrayList<>());
    private final List<Thread> clients = new ArrayList<>();
    private volatile boolean stopping;

    private Load(int port) {
        this.port = port;
    }

    static Load on(int port, int clients) {
        Load load = new Load(port);
        for (int i = 0; i < clients; i++) {
            load.clients.add(Thread.ofVirtual().start(load::client));
        }
        return load;
    }

    private void client() {
        while (!stopping) {
            try (Wire wire = Wire.to(port)) {
                exchanges(wire);
            } catch (ConnectException e) {
                refused.incrementAndGet();
                return;
            } catch (IOException e) {
                fail(e.toString());
            }
        }
    }

    /// Keeps the first few; one is too many anyway.
    private void fail(String what) {
        if (failures.size() < 20) {
            failures.add(what);
        }
    }

    private void exchanges(Wire wire) throws IOException {
        long answeredAt = System.nanoTime();
        while (!stopping) {
            boolean isLate = System.nanoTime() - answeredAt > LATE_NANOS;
            Message answer;
            try {
                answer = wire.get("/name");
            } catch (IOException e) {
                if (isLate) {
                    return;
                }
                throw e;
            }
            answeredAt = System.nanoTime();
            if (answer.status() != 200 || !answer.whole()) {
                fail(answer.start() + " " + answer.fields());
                return;
            }
            answered.incrementAndGet();
            if (answer.all("Connection").stream().anyMatch("close"::equalsIgnoreCase)) {
                return;
            }
        }
    }

    long answered() {
        return answered.get();
    }

    /// Clients that ended because nobody listens any more.
    long refused() {
        return refused.get();
    }

    List<String> failures() {
        return List.copyOf(failures);
    }

    /// Waits until every client has ended by itself, by being refused.
    void awaitEnd() throws InterruptedException {
        for (Thread client : clients) {
            client.join();
        }
    }

    @Override
    public void close() throws InterruptedException {
        stopping = true;
        awaitEnd();
    }
}
