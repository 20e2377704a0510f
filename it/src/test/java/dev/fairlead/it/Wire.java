package dev.fairlead.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Optional;

/// A client that says exactly the bytes that a test tells it to say.
final class Wire implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    private Wire(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream(), 65536);
        this.out = socket.getOutputStream();
    }

    static Wire to(int port) throws IOException {
        return to(port, 0);
    }

    /// From another address of this machine, such as `127.0.0.2`: another client to whoever looks at addresses.
    static Wire from(String address, int port) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(InetAddress.ofLiteral(address), 0));
        return connected(socket, port);
    }

    /// With a small receive buffer, so that little is in flight when the client does not read.
    static Wire to(int port, int receiveBufferBytes) throws IOException {
        Socket socket = new Socket();
        if (receiveBufferBytes > 0) {
            socket.setReceiveBufferSize(receiveBufferBytes);
        }
        return connected(socket, port);
    }

    private static Wire connected(Socket socket, int port) throws IOException {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 60_000);
        socket.setSoTimeout(60_000);
        socket.setTcpNoDelay(true);
        return new Wire(socket);
    }

    Socket socket() {
        return socket;
    }

    InputStream in() {
        return in;
    }

    OutputStream out() {
        return out;
    }

    Wire send(String bytes) throws IOException {
        return send(bytes.getBytes(ISO_8859_1));
    }

    Wire send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
        return this;
    }

    Message response() throws IOException {
        return Message.present(Message.response(in, false));
    }

    Message responseToHead() throws IOException {
        return Message.present(Message.response(in, true));
    }

    /// The next final response, or empty when the connection ends (or is reset) instead.
    Optional<Message> responseIfAny() throws IOException {
        try {
            return Message.response(in, false);
        } catch (SocketException e) {
            return Optional.empty();
        }
    }

    /// True when the other side has ended the connection; waits for it as long as a read may take.
    boolean isEnded() throws IOException {
        try {
            return in.read() < 0;
        } catch (SocketException e) {
            return true;
        }
    }

    Message get(String target) throws IOException {
        return send("GET " + target + " HTTP/1.1\r\nHost: a.test\r\n\r\n").response();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
