package dev.fairlead.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/// One end of a plain socket that speaks HTTP/2 frame for frame: a client that keeps the rules only if it is told to.
final class H2Wire implements AutoCloseable {
    static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(ISO_8859_1);

    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int PRIORITY = 2;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    static final int MAX_CONCURRENT_STREAMS = 3;
    static final int ENABLE_CONNECT_PROTOCOL = 8;

    static final int END_STREAM = 1;
    static final int ACK = 1;
    static final int END_HEADERS = 4;

    static final int NO_ERROR = 0;
    static final int PROTOCOL_ERROR = 1;
    static final int FLOW_CONTROL_ERROR = 3;
    static final int REFUSED_STREAM = 7;
    static final int CANCEL = 8;
    static final int ENHANCE_YOUR_CALM = 11;

    private final Socket socket;
    private final DataInputStream in;
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);
    private final Map<Integer, Stream> streams = new HashMap<>();
    final List<Integer> goAways = new ArrayList<>();
    int goAwayCode = -1;
    int pingAcks;
    int pings;
    boolean answersPings = true;
    boolean isClosed;
    private final Map<Integer, Integer> opened = new HashMap<>();

    /// What has come on one stream.
    static final class Stream {
        final List<Http2Headers> heads = new ArrayList<>();
        final ByteArrayOutputStream body = new ByteArrayOutputStream();
        int dataFrames;
        boolean isWhole;
        int reset = -1;

        int status() {
            return Integer.parseInt(head().status().toString());
        }

        /// The final one.
        Http2Headers head() {
            return heads.stream()
                    .filter(head ->
                            head.status() != null && !head.status().toString().startsWith("1"))
                    .findFirst()
                    .orElseThrow();
        }

        Http2Headers trailers() {
            return heads.getLast();
        }

        String field(String name) {
            CharSequence value = head().get(name);
            return value == null ? null : value.toString();
        }

        String text() {
            return body.toString(ISO_8859_1);
        }

        boolean isOver() {
            return isWhole || reset >= 0;
        }
    }

    /// Only the socket; nothing is sent.
    H2Wire(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(20_000);
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    }

    /// Begins as a client has to.
    H2Wire begin(int... settings) throws IOException {
        send(PREFACE);
        return settings(settings);
    }

    /// Begins as a server does, once the client has.
    H2Wire accept(int... settings) throws IOException {
        if (!Arrays.equals(in.readNBytes(PREFACE.length), PREFACE)) {
            throw new IOException("no preface");
        }
        return settings(settings);
    }

    /// Pairs of what and how much.
    H2Wire settings(int... settings) throws IOException {
        ByteBuffer payload = ByteBuffer.allocate(settings.length / 2 * 6);
        for (int i = 0; i < settings.length; i += 2) {
            payload.putShort((short) settings[i]).putInt(settings[i + 1]);
        }
        return frame(SETTINGS, 0, 0, payload.array());
    }

    H2Wire send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    static byte[] frameOf(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    H2Wire frame(int type, int flags, int stream, byte[] payload) throws IOException {
        return send(frameOf(type, flags, stream, payload));
    }

    /// Names and values.
    H2Wire headers(int stream, boolean isLast, String... fields) throws IOException {
        return frame(HEADERS, END_HEADERS | (isLast ? END_STREAM : 0), stream, block(fields));
    }

    /// A GET for a path.
    H2Wire get(int stream, String path, String... more) throws IOException {
        return request(stream, true, "GET", path, more);
    }

    H2Wire request(int stream, boolean isLast, String method, String path, String... more) throws IOException {
        List<String> fields =
                new ArrayList<>(List.of(":method", method, ":scheme", "http", ":authority", "a", ":path", path));
        fields.addAll(List.of(more));
        return headers(stream, isLast, fields.toArray(String[]::new));
    }

    H2Wire data(int stream, boolean isLast, String text) throws IOException {
        return frame(DATA, isLast ? END_STREAM : 0, stream, text.getBytes(ISO_8859_1));
    }

    H2Wire reset(int stream, int code) throws IOException {
        return frame(RST_STREAM, 0, stream, number(code));
    }

    H2Wire goAway(int lastStream, int code) throws IOException {
        return frame(
                GOAWAY,
                0,
                0,
                ByteBuffer.allocate(8).putInt(lastStream).putInt(code).array());
    }

    H2Wire window(int stream, int bytes) throws IOException {
        return frame(WINDOW_UPDATE, 0, stream, number(bytes));
    }

    static byte[] number(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    /// Literals that no table is told of: every byte is as it is given.
    static byte[] block(String... fields) {
        var out = new ByteArrayOutputStream();
        for (int i = 0; i < fields.length; i += 2) {
            out.write(0);
            string(fields[i], out);
            string(fields[i + 1], out);
        }
        return out.toByteArray();
    }

    private static void string(String text, ByteArrayOutputStream out) {
        int length = text.length();
        if (length < 127) {
            out.write(length);
        } else {
            out.write(127);
            int rest = length - 127;
            for (; rest >= 128; rest >>= 7) {
                out.write(rest & 127 | 128);
            }
            out.write(rest);
        }
        out.writeBytes(text.getBytes(ISO_8859_1));
    }

    /// An answer, with its body if there is one.
    H2Wire answer(int stream, String body) throws IOException {
        headers(stream, body.isEmpty(), ":status", "200");
        return body.isEmpty() ? this : data(stream, true, body);
    }

    /// Reads until this request is whole.
    Stream request(int stream) throws IOException {
        Stream request = stream(stream);
        until(request::isOver);
        return request;
    }

    /// Answers every request with its own path, until the connection ends.
    void echo() throws IOException {
        for (int stream = 1; ; stream += 2) {
            Stream request = request(stream);
            if (isClosed) {
                return;
            }
            if (request.isWhole) {
                answer(stream, request.heads.getFirst().path().toString());
            }
        }
    }

    /// Reads until the stream is over.
    Stream answer(int stream) throws IOException {
        Stream answer = stream(stream);
        until(answer::isOver);
        return answer;
    }

    Stream stream(int stream) {
        return streams.computeIfAbsent(stream, _ -> new Stream());
    }

    /// Reads frames until this holds, or the connection ends.
    void until(BooleanSupplier holds) throws IOException {
        while (!holds.getAsBoolean() && !isClosed) {
            read();
        }
    }

    /// Reads to the end of the connection. With which error it was given up; -1: none was told.
    int error() throws IOException {
        until(() -> false);
        return goAwayCode;
    }

    private void read() throws IOException {
        int length;
        try {
            length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        } catch (EOFException | SocketException end) {
            isClosed = true;
            return;
        }
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int id = in.readInt();
        byte[] payload = in.readNBytes(length);
        switch (type) {
            case DATA -> {
                stream(id).body.writeBytes(payload);
                stream(id).dataFrames++;
            }
            case HEADERS -> stream(id).heads.add(decoded(id, payload));
            case RST_STREAM -> stream(id).reset = ByteBuffer.wrap(payload).getInt();
            case SETTINGS -> {
                if ((flags & ACK) == 0) {
                    frame(SETTINGS, ACK, 0, new byte[0]);
                }
            }
            case PING -> {
                pingAcks += flags & ACK;
                if ((flags & ACK) == 0) {
                    pings++;
                    if (answersPings) {
                        frame(PING, ACK, 0, payload);
                    }
                }
            }
            case GOAWAY -> {
                goAways.add(ByteBuffer.wrap(payload).getInt());
                goAwayCode = ByteBuffer.wrap(payload).getInt(4);
            }
            case WINDOW_UPDATE -> opened.merge(id, ByteBuffer.wrap(payload).getInt(), Integer::sum);
            default -> {}
        }
        if ((type == DATA || type == HEADERS) && (flags & END_STREAM) != 0) {
            stream(id).isWhole = true;
        }
    }

    private Http2Headers decoded(int stream, byte[] block) throws IOException {
        try {
            return decoder.decodeHeaders(stream, Unpooled.wrappedBuffer(block));
        } catch (Http2Exception wrong) {
            throw new IOException(wrong);
        }
    }

    /// By how many bytes the plane has opened the window of a stream; 0: of the connection.
    int opened(int stream) {
        return opened.getOrDefault(stream, 0);
    }

    Socket socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
