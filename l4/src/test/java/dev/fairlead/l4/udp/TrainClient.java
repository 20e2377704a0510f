package dev.fairlead.l4.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.Address;
import dev.fairlead.sys.DatagramBatch;
import dev.fairlead.sys.Sockets;
import dev.fairlead.sys.Transfer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;

/// A peer on loopback that sends trains: many datagrams by one call.
final class TrainClient implements AutoCloseable {
    private final Sockets calls = new Sockets();
    private final int socket = calls.openDatagrams(false);
    private final DatagramBatch batch = new DatagramBatch(ByteBuffer.allocateDirect(DatagramBatch.SLOT_BYTES));
    private long low;
    private int port;

    TrainClient(InetSocketAddress to) {
        assertThat(calls.bind(socket, InetAddress.getLoopbackAddress(), 0)).isZero();
        low = ClientAddress.low(to.getAddress());
        port = to.getPort();
    }

    Address address() {
        InetSocketAddress bound = calls.localAddress(socket);
        assertThat(bound).isNotNull();
        return new Address(bound.getAddress(), bound.getPort());
    }

    /// So many datagrams of one size, of which the last is shorter.
    void send(int count, int size, int last) {
        batch.prepare(0, 0, (count - 1) * size + last, size);
        batch.to(0, false, 0, low, port, 0);
        assertThat(batch.send(socket, 0, 1)).isEqualTo(1);
    }

    /// The size of the next datagram that comes. The time-out of the test ends it.
    int receive() {
        int count = batch.receive(socket, 0, 1);
        while (count == Transfer.EAGAIN && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(100_000);
            count = batch.receive(socket, 0, 1);
        }
        assertThat(count).isEqualTo(1);
        return batch.length(0);
    }

    /// Receives one, and sends to whom that came from from now on.
    void turnToSender() {
        receive();
        low = batch.peerLow(0);
        port = batch.peerPort(0);
    }

    @Override
    public void close() {
        calls.close(socket);
    }
}
