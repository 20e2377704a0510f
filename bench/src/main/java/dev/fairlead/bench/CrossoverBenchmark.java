package dev.fairlead.bench;

import dev.fairlead.sys.Pipe;
import dev.fairlead.sys.Transfer;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What it costs to pass one message of `size` bytes on, from one loopback connection to another, by copy and by
/// splice: where the two cross is where a relay should change from the one to the other. Both include the same send
/// into the first connection and the same receive out of the second. [Bench] runs it.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CrossoverBenchmark {
    @Param({"256", "4096", "16384", "65536", "262144", "1048576"})
    private int size;

    private final Transfer transfer = new Transfer();
    private ByteBuffer message = ByteBuffer.allocateDirect(0);
    private ByteBuffer sink = ByteBuffer.allocateDirect(0);
    private Socket[] ends = new Socket[0];
    private Pipe pipe;

    @Setup
    public void open() throws IOException {
        Epoll.ensureAvailability();
        message = ByteBuffer.allocateDirect(size);
        sink = ByteBuffer.allocateDirect(size);
        Socket[] in = pair();
        Socket[] out = pair();
        ends = new Socket[] {in[0], in[1], out[0], out[1]};
        pipe = Pipe.open(1 << 20);
    }

    private static Socket[] pair() throws IOException {
        Socket server = Socket.newSocketStream();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        server.listen(1);
        Socket client = Socket.newSocketStream();
        client.connect(server.localAddress());
        int accepted;
        do {
            accepted = server.accept(new byte[64]);
        } while (accepted < 0);
        client.finishConnect();
        server.close();
        Socket other = new Socket(accepted);
        client.setTcpNoDelay(true);
        other.setTcpNoDelay(true);
        return new Socket[] {client, other};
    }

    @TearDown
    public void close() throws IOException {
        for (Socket end : ends) {
            end.close();
        }
        pipe.close();
    }

    @Benchmark
    public int copy() {
        message.clear();
        int out = 0;
        while (out < size) {
            send();
            int read = transfer.receive(fd(1));
            for (int sent = 0; sent < read; ) {
                sent += Math.max(0, transfer.send(fd(2), sent, read - sent));
                out += drain();
            }
            out += drain();
        }
        return out;
    }

    @Benchmark
    public int splice() {
        message.clear();
        int out = 0;
        while (out < size) {
            send();
            int read = transfer.splice(fd(1), pipe.in(), pipe.capacity());
            for (int sent = 0; sent < read; ) {
                sent += Math.max(0, transfer.splice(pipe.out(), fd(2), read - sent));
                out += drain();
            }
            out += drain();
        }
        return out;
    }

    private int fd(int end) {
        return ends[end].intValue();
    }

    private void send() {
        if (message.hasRemaining()) {
            message.position(message.position() + Math.max(0, transfer.send(fd(0), message)));
        }
    }

    private int drain() {
        try {
            sink.clear();
            return Math.max(0, ends[3].recv(sink, 0, sink.capacity()));
        } catch (IOException broken) {
            throw new IllegalStateException(broken);
        }
    }
}
