package dev.fairlead.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One HTTP/1 message as it came over the wire, read by the simplest code that can: it shares nothing with the
/// program under test. `whole` is false when the connection ended before the message did.
record Message(String start, List<Field> fields, byte[] body, List<Field> trailers, boolean whole) {
    record Field(String name, String value) {}

    int status() {
        return Integer.parseInt(start.split(" ", 3)[1]);
    }

    /// The request's target.
    String target() {
        return start.split(" ", 3)[1];
    }

    List<String> all(String name) {
        return fields.stream()
                .filter(field -> field.name().equalsIgnoreCase(name))
                .map(Field::value)
                .toList();
    }

    Optional<String> first(String name) {
        return all(name).stream().findFirst();
    }

    Optional<String> trailer(String name) {
        return trailers.stream()
                .filter(field -> field.name().equalsIgnoreCase(name))
                .map(Field::value)
                .findFirst();
    }

    String text() {
        return new String(body, ISO_8859_1);
    }

    /// Reads a request; empty when the connection ends before its first byte.
    static Optional<Message> request(InputStream in) throws IOException {
        return read(in, false, false);
    }

    /// Reads a response; `bodyless` for the answer to HEAD. Empty when the connection ends before its first byte.
    static Optional<Message> response(InputStream in, boolean bodyless) throws IOException {
        return read(in, true, bodyless);
    }

    private static Optional<Message> read(InputStream in, boolean response, boolean bodyless) throws IOException {
        String start = line(in);
        if (start == null) {
            return Optional.empty();
        }
        List<Field> fields = new ArrayList<>();
        boolean whole = fields(in, fields);
        Message head = new Message(start, List.copyOf(fields), new byte[0], List.of(), whole);
        if (!whole || bodyless || response && hasNoBody(head.status())) {
            return Optional.of(head);
        }
        List<Field> trailers = new ArrayList<>();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        whole = body(in, head, response, body, trailers);
        return Optional.of(new Message(start, head.fields, body.toByteArray(), List.copyOf(trailers), whole));
    }

    private static boolean hasNoBody(int status) {
        return status < 200 || status == 204 || status == 304;
    }

    private static boolean body(
            InputStream in, Message head, boolean response, ByteArrayOutputStream body, List<Field> trailers)
            throws IOException {
        if (head.first("Transfer-Encoding").isPresent()) {
            return chunks(in, body) && fields(in, trailers);
        }
        Optional<String> length = head.first("Content-Length");
        if (length.isPresent()) {
            return copy(in, body, Long.parseLong(length.get()));
        }
        if (response) {
            in.transferTo(body);
        }
        return true;
    }

    private static boolean chunks(InputStream in, ByteArrayOutputStream body) throws IOException {
        while (true) {
            String size = line(in);
            if (size == null || size.isEmpty()) {
                return false;
            }
            long length = Long.parseLong(size.split(";", 2)[0].strip(), 16);
            if (length == 0) {
                return true;
            }
            if (!copy(in, body, length) || line(in) == null) {
                return false;
            }
        }
    }

    private static boolean copy(InputStream in, ByteArrayOutputStream body, long length) throws IOException {
        long left = length;
        byte[] buffer = new byte[65536];
        while (left > 0) {
            int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                return false;
            }
            body.write(buffer, 0, read);
            left -= read;
        }
        return true;
    }

    private static boolean fields(InputStream in, List<Field> fields) throws IOException {
        while (true) {
            String line = line(in);
            if (line == null) {
                return false;
            }
            if (line.isEmpty()) {
                return true;
            }
            String[] parts = line.split(":", 2);
            fields.add(new Field(parts[0], parts.length == 2 ? parts[1].strip() : ""));
        }
    }

    /// A line without its end; null when the connection ended before the line did.
    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int c = in.read();
            if (c < 0) {
                return null;
            }
            if (c == '\n') {
                int end = line.length();
                return end > 0 && line.charAt(end - 1) == '\r' ? line.substring(0, end - 1) : line.toString();
            }
            line.append((char) c);
        }
    }

    /// The message, which must be there.
    static Message present(Optional<Message> message) throws EOFException {
        return message.orElseThrow(() -> new EOFException("the connection ended before a message"));
    }
}
