package dev.fairlead.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// One end of a plain socket that speaks HTTP/1 word for word: a scripted client or endpoint.
final class Wire implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    /// A message as it came. `isWhole` is false when the connection ended before the message did; a body that ends
    /// with the connection is whole when that end was not a reset.
    record Message(String start, List<String> fields, String body, List<String> trailers, boolean isWhole) {
        int status() {
            return Integer.parseInt(start.substring(9, 12));
        }

        String field(String name) {
            String prefix = name.toLowerCase(Locale.ROOT) + ":";
            String found = null;
            for (String field : fields) {
                if (field.toLowerCase(Locale.ROOT).startsWith(prefix)) {
                    String value = field.substring(prefix.length()).strip();
                    found = found == null ? value : found + ", " + value;
                }
            }
            return found;
        }
    }

    Wire(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(20_000);
    }

    Socket socket() {
        return socket;
    }

    Wire send(String text) throws IOException {
        return send(text.getBytes(ISO_8859_1));
    }

    Wire send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /// A head, without its last line; empty when the connection ended before it began.
    String head() throws IOException {
        var head = new StringBuilder();
        for (String line = line(); !line.isEmpty(); line = line()) {
            head.append(line).append("\r\n");
        }
        return head.toString();
    }

    Message request() throws IOException {
        return message(false, false);
    }

    Message response() throws IOException {
        return message(true, false);
    }

    Message responseToHead() throws IOException {
        return message(true, true);
    }

    private Message message(boolean isResponse, boolean toHead) throws IOException {
        List<String> lines = List.of(head().split("\r\n"));
        String start = lines.getFirst();
        List<String> fields = lines.subList(1, lines.size());
        var head = new Message(start, fields, "", List.of(), true);
        if (toHead || isResponse && (head.status() < 200 || head.status() == 204 || head.status() == 304)) {
            return head;
        }
        var body = new ByteArrayOutputStream();
        List<String> trailers = new ArrayList<>();
        boolean whole = true;
        try {
            if (head.field("Transfer-Encoding") != null) {
                chunks(body);
                trailers = List.of(head().split("\r\n"));
            } else if (head.field("Content-Length") != null) {
                copy(body, Integer.parseInt(head.field("Content-Length")));
            } else if (isResponse) {
                in.transferTo(body);
            }
        } catch (IOException _) {
            whole = false;
        }
        return new Message(start, fields, body.toString(ISO_8859_1), trailers, whole);
    }

    private void chunks(ByteArrayOutputStream body) throws IOException {
        for (int size = size(); size > 0; size = size()) {
            copy(body, size);
            if (!line().isEmpty()) {
                throw new IOException("no end of chunk");
            }
        }
    }

    private int size() throws IOException {
        return Integer.parseInt(line(), 16);
    }

    private void copy(ByteArrayOutputStream to, int size) throws IOException {
        byte[] bytes = in.readNBytes(size);
        to.writeBytes(bytes);
        if (bytes.length < size) {
            throw new EOFException("body");
        }
    }

    private String line() throws IOException {
        var line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException(line.toString());
            }
            line.append((char) b);
        }
        return line.substring(0, line.length() - 1);
    }

    /// What comes until the connection ends well.
    String rest() throws IOException {
        return new String(in.readAllBytes(), ISO_8859_1);
    }

    int read() throws IOException {
        return in.read();
    }

    InputStream input() {
        return in;
    }

    /// Closes with a reset.
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
