package dev.fairlead.l4;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/// ClientHellos: of real clients, and made by hand.
final class Hellos {
    private Hellos() {}

    static byte[] jdk(String name, String... alpn) throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine();
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(name)));
        parameters.setApplicationProtocols(alpn);
        engine.setSSLParameters(parameters);
        ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), out);
        byte[] bytes = new byte[out.flip().remaining()];
        out.get(bytes);
        return bytes;
    }

    /// What the program first sends; `PORT` in its arguments is where it must connect to.
    static byte[] of(String... command) throws IOException, InterruptedException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            List<String> line = new ArrayList<>();
            for (String word : command) {
                line.add(word.replace("PORT", String.valueOf(server.getLocalPort())));
            }
            Process client = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            server.setSoTimeout(20_000);
            try (Socket socket = server.accept()) {
                return records(socket.getInputStream());
            } finally {
                client.destroy();
                client.waitFor(10, TimeUnit.SECONDS);
            }
        }
    }

    /// Records until the message in them is whole.
    private static byte[] records(InputStream in) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int wanted = Integer.MAX_VALUE;
        int got = 0;
        while (got < wanted) {
            byte[] head = in.readNBytes(5);
            byte[] body = in.readNBytes((head[3] & 0xff) << 8 | head[4] & 0xff);
            all.writeBytes(head);
            all.writeBytes(body);
            if (got == 0) {
                wanted = 4 + ((body[1] & 0xff) << 16 | (body[2] & 0xff) << 8 | body[3] & 0xff);
            }
            got += body.length;
        }
        return all.toByteArray();
    }

    /// A hello with these extensions.
    static byte[] message(byte[]... extensions) {
        byte[] all = join(extensions);
        return framed(
                1,
                3,
                join(
                        new byte[] {3, 3},
                        new byte[32],
                        framed(-1, 1, new byte[32]),
                        framed(-1, 2, new byte[] {0x13, 0x01, 0x0a, 0x0a}),
                        framed(-1, 1, new byte[1]),
                        framed(-1, 2, all)));
    }

    static byte[] extension(int type, byte[] content) {
        return join(new byte[] {(byte) (type >>> 8), (byte) type}, framed(-1, 2, content));
    }

    static byte[] sni(String name) {
        return extension(0, framed(-1, 2, framed(0, 2, name.getBytes(ISO_8859_1))));
    }

    static byte[] alpn(String... protocols) {
        byte[] list = new byte[0];
        for (String protocol : protocols) {
            list = join(list, framed(-1, 1, protocol.getBytes(ISO_8859_1)));
        }
        return extension(16, framed(-1, 2, list));
    }

    /// A type byte unless it is -1, a length of `lengthBytes`, the content.
    static byte[] framed(int type, int lengthBytes, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (type >= 0) {
            out.write(type);
        }
        for (int i = lengthBytes - 1; i >= 0; i--) {
            out.write(content.length >>> 8 * i);
        }
        out.writeBytes(content);
        return out.toByteArray();
    }

    /// The message in records of at most `bytes`.
    static byte[] inRecords(byte[] message, int bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int at = 0; at < message.length; at += bytes) {
            int size = Math.min(bytes, message.length - at);
            out.writeBytes(new byte[] {22, 3, 1, (byte) (size >>> 8), (byte) size});
            out.write(message, at, size);
        }
        return out.toByteArray();
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
