package dev.fairlead.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/// A slow and uneven road to a server on loopback: what comes is handed on in pieces of any size, each after a delay
/// that is drawn anew. In place of the kernel's netem, which not every kernel has.
final class JitterRelay implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    private final InetSocketAddress to;
    private final long delayNanosMin;
    private final long delayNanosMax;

    JitterRelay(InetSocketAddress to, long delayNanosMin, long delayNanosMax) throws IOException {
        this.to = to;
        this.delayNanosMin = delayNanosMin;
        this.delayNanosMax = delayNanosMax;
        Thread.startVirtualThread(this::accept);
    }

    String address() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    private void accept() {
        for (int seed = 0; ; seed += 2) {
            try {
                Socket from = server.accept();
                Socket other = new Socket(to.getAddress(), to.getPort());
                pass(from, other, seed);
                pass(other, from, seed + 1);
            } catch (IOException _) {
                return;
            }
        }
    }

    private void pass(Socket from, Socket other, long seed) {
        Thread.startVirtualThread(() -> {
            var random = new SplittableRandom(seed);
            byte[] piece = new byte[8192];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = other.getOutputStream();
                int read;
                while ((read = in.read(piece, 0, 1 + random.nextInt(piece.length))) >= 0) {
                    LockSupport.parkNanos(random.nextLong(delayNanosMin, delayNanosMax));
                    out.write(piece, 0, read);
                }
                other.shutdownOutput();
            } catch (IOException _) {
                // The other end sees it.
            }
        });
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
