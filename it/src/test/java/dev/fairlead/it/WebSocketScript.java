package dev.fairlead.it;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/// A WebSocket server in a script: shakes hands, then sends every frame back as it came, pings as pongs, and ends
/// after the close (RFC 6455).
final class WebSocketScript {
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;

    private WebSocketScript() {}

    static void echo(ScriptedBackend.Connection connection) throws IOException {
        shakeHands(connection);
        var in = new DataInputStream(connection.in());
        while (frame(in, connection)) {
            // The next one.
        }
    }

    static void shakeHands(ScriptedBackend.Connection connection) throws IOException {
        Message request = connection.request().orElseThrow();
        String key = request.first("Sec-WebSocket-Key").orElseThrow();
        connection.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: " + proof(key) + "\r\n\r\n");
    }

    private static String proof(String key) {
        try {
            byte[] text = (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII);
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /// False after the close.
    private static boolean frame(DataInputStream in, ScriptedBackend.Connection connection) throws IOException {
        int first = in.read();
        if (first < 0) {
            throw new EOFException();
        }
        int length = in.readUnsignedByte() & 0x7f;
        long size = length == 126 ? in.readUnsignedShort() : length == 127 ? in.readLong() : length;
        byte[] mask = in.readNBytes(4);
        byte[] data = in.readNBytes(Math.toIntExact(size));
        for (int i = 0; i < data.length; i++) {
            data[i] ^= mask[i & 3];
        }
        int kind = first & 0xf;
        var out = new java.io.DataOutputStream(new java.io.BufferedOutputStream(connection.out()));
        out.write(kind == PING ? first & 0xf0 | PONG : first);
        if (size < 126) {
            out.write((int) size);
        } else if (size < 65536) {
            out.write(126);
            out.writeShort((int) size);
        } else {
            out.write(127);
            out.writeLong(size);
        }
        out.write(data);
        out.flush();
        return kind != CLOSE;
    }
}
